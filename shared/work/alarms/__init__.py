"""Alarms: a node said what is not for its offices to say, and whoever received it tells those above.

`alarm.py` holds facts and rules, and may import `work/common` alone; `raising.py` is what a node is handed, questions and
pages follow. To add a cause: a code, where it is found, and its sentence in `shared/web/languages/labels.py`.
"""
