"""`akrim doctor`: what is well, what to mind and what is wrong, one check for each part of an installation."""
