"""A register as pages, files and JSON.

| file | holds |
| --- | --- |
| register | list and page of one record |
| figures | what offices did in a span of days; each number is a list |
| papers | what is printed |
| asked, wording, answers | which records and may they be read; a record in its reader's words, and as JSON |

May import the register's orders and records and the kit of pages. To add a page: a router here, mounted in `register`.
"""
