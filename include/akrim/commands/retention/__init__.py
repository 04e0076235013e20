"""`akrim retention`: what is kept, for how long, what is held, and removal of what is past its limit."""
