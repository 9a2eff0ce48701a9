"""Panels and explorers of the notebooks, one file each; controls are attributes that a test can move.

`panel` holds the two kinds that all of them are, `parts` the controls, pictures and tables within, `paper`
what is drawn on.
"""

from nnlib.teach.widgets.activation_explorer import activation_explorer
from nnlib.teach.widgets.attention_explorer import attention_explorer
from nnlib.teach.widgets.bug_lab import bug_lab
from nnlib.teach.widgets.depth_explorer import depth_explorer
from nnlib.teach.widgets.derivation import derivation
from nnlib.teach.widgets.descent_path import descent_path
from nnlib.teach.widgets.digit_pad import digit_pad
from nnlib.teach.widgets.entry_tracer import entry_tracer
from nnlib.teach.widgets.first_network import first_network
from nnlib.teach.widgets.graph_explorer import graph_explorer
from nnlib.teach.widgets.kernel_explorer import kernel_explorer
from nnlib.teach.widgets.live_training import live_training
from nnlib.teach.widgets.logits_explorer import logits_explorer
from nnlib.teach.widgets.mnist import mnist_panel
from nnlib.teach.widgets.number_formats import number_formats
from nnlib.teach.widgets.numeric_stepper import numeric_stepper
from nnlib.teach.widgets.optimizer_race import optimizer_race
from nnlib.teach.widgets.scaling_explorer import scaling_explorer
from nnlib.teach.widgets.shape_calculator import shape_calculator
from nnlib.teach.widgets.step_size import step_size
from nnlib.teach.widgets.time_machine import time_machine
from nnlib.teach.widgets.xor import xor_panel

__all__ = [
    "activation_explorer",
    "attention_explorer",
    "bug_lab",
    "depth_explorer",
    "derivation",
    "descent_path",
    "digit_pad",
    "entry_tracer",
    "first_network",
    "graph_explorer",
    "kernel_explorer",
    "live_training",
    "logits_explorer",
    "mnist_panel",
    "number_formats",
    "numeric_stepper",
    "optimizer_race",
    "scaling_explorer",
    "shape_calculator",
    "step_size",
    "time_machine",
    "xor_panel",
]
