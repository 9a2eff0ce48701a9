"""Checks of the exercises: each runs the learner's answer, says whether it is right, and if not, what it did.

A check never raises for a wrong or missing answer; it returns a `Verdict`, which JupyterLab shows as text.
There is a module for each chapter; `engine` is what they share.
"""

from nnlib.teach.checks.activations import compose, leaky_relu, relu_backward, stable_sigmoid, tanh_backward
from nnlib.teach.checks.attention import attend, masked_scores, query_key_gradients, softmax_backward
from nnlib.teach.checks.attention_sheets import broken_attention, exchanged, looks_back
from nnlib.teach.checks.automatic_differentiation import (
    dual_quotient,
    matmul_pull,
    max_pull,
    undo_broadcast,
)
from nnlib.teach.checks.backpropagation import (
    backward_cost,
    by_hand,
    fork,
    rows_backward,
    two_layer_backward,
)
from nnlib.teach.checks.bug_lab import bug_names
from nnlib.teach.checks.bug_museum import loader_test
from nnlib.teach.checks.convolution import convolve, image_gradient, kernel_gradients, pool_backward
from nnlib.teach.checks.dense_layer import (
    bias_gradient,
    dense_backward,
    dense_forward,
    input_gradient,
    weight_gradient,
)
from nnlib.teach.checks.digit_pad import centre_of_mass
from nnlib.teach.checks.engine import Verdict, chosen
from nnlib.teach.checks.framework_sheets import keras_counts, six_pairs
from nnlib.teach.checks.frameworks import after_flatten, loss_scale, rounded, to_torch
from nnlib.teach.checks.generalisation import dropout, kept_epoch, logit_gradient, shrinking_step
from nnlib.teach.checks.gradient_checking import (
    best_step,
    factors,
    numerical_gradient,
    wrong_layer,
    wrong_layer_tables,
)
from nnlib.teach.checks.image_sheets import convolution_bugs, convolution_counts, image_shapes
from nnlib.teach.checks.in_mathematics import (
    activation_formula,
    batch_input_formula,
    batch_weight_formula,
    decay_formula,
    dropout_formula,
    first_mean_formula,
    jacobian_formula,
    prediction_formula,
    recursion_formula,
    slope_formula,
    softmax_formula,
    spread_formula,
)
from nnlib.teach.checks.initialisation_and_optimisers import (
    adam_step,
    init_scale,
    momentum_step,
    schedule,
)
from nnlib.teach.checks.losses import (
    binary_cross_entropy_gradient,
    cross_entropy_gradient,
    equal_logits,
    mse_gradient,
    softmax_jacobian,
    stable_log_softmax,
)
from nnlib.teach.checks.mnist import confusion, last_activations, mnist_recipe, multiplications, one_hot
from nnlib.teach.checks.one_neuron import descend, largest_rate, line_gradient, line_step, raw_line
from nnlib.teach.checks.own_check import gradient_check, own_layer
from nnlib.teach.checks.scaling_out import paying_batch, union_gradient
from nnlib.teach.checks.scaling_rings import ring_all_reduce
from nnlib.teach.checks.scaling_sheets import traffic
from nnlib.teach.checks.start_here import installation, shapes
from nnlib.teach.checks.tape_orders import tape_order
from nnlib.teach.checks.tape_sheets import broken_tapes, x_times_x
from nnlib.teach.checks.training_loop import batches, epoch, overfits, sgd_step
from nnlib.teach.checks.xor import dead_units, solves_xor, stacked_backward, xnor_weights

__all__ = [
    "Verdict",
    "activation_formula",
    "adam_step",
    "after_flatten",
    "attend",
    "backward_cost",
    "batch_input_formula",
    "batch_weight_formula",
    "batches",
    "best_step",
    "bias_gradient",
    "binary_cross_entropy_gradient",
    "broken_attention",
    "broken_tapes",
    "bug_names",
    "by_hand",
    "centre_of_mass",
    "chosen",
    "compose",
    "confusion",
    "convolution_bugs",
    "convolution_counts",
    "convolve",
    "cross_entropy_gradient",
    "dead_units",
    "decay_formula",
    "dense_backward",
    "dense_forward",
    "descend",
    "dropout",
    "dropout_formula",
    "dual_quotient",
    "epoch",
    "equal_logits",
    "exchanged",
    "factors",
    "first_mean_formula",
    "fork",
    "gradient_check",
    "image_gradient",
    "image_shapes",
    "init_scale",
    "input_gradient",
    "installation",
    "jacobian_formula",
    "kept_epoch",
    "keras_counts",
    "kernel_gradients",
    "largest_rate",
    "last_activations",
    "leaky_relu",
    "line_gradient",
    "line_step",
    "loader_test",
    "logit_gradient",
    "looks_back",
    "loss_scale",
    "masked_scores",
    "matmul_pull",
    "max_pull",
    "mnist_recipe",
    "momentum_step",
    "mse_gradient",
    "multiplications",
    "numerical_gradient",
    "one_hot",
    "overfits",
    "own_layer",
    "paying_batch",
    "pool_backward",
    "prediction_formula",
    "query_key_gradients",
    "raw_line",
    "recursion_formula",
    "relu_backward",
    "ring_all_reduce",
    "rounded",
    "rows_backward",
    "schedule",
    "sgd_step",
    "shapes",
    "shrinking_step",
    "six_pairs",
    "slope_formula",
    "softmax_backward",
    "softmax_formula",
    "softmax_jacobian",
    "solves_xor",
    "spread_formula",
    "stable_log_softmax",
    "stable_sigmoid",
    "stacked_backward",
    "tanh_backward",
    "tape_order",
    "to_torch",
    "traffic",
    "two_layer_backward",
    "undo_broadcast",
    "union_gradient",
    "weight_gradient",
    "wrong_layer",
    "wrong_layer_tables",
    "x_times_x",
    "xnor_weights",
]
