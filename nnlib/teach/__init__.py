"""What stands between the core and a learner: plots, checks of exercises, widgets. Imported by the notebooks."""
