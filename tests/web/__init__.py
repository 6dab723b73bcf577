"""How it is shown: the page kit through a real app, in both languages."""
