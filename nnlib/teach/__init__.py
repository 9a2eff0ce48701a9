"""What stands between the core and a learner: plots, checks of exercises, widgets; for the notebooks."""
