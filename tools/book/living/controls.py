"""The controls of a panel, as docs/living/controls.js makes them again."""

import anywidget
import ipywidgets

from nnlib.teach.widgets.parts import Part

__all__ = ["rows"]

OWN_TO_WIDGETS = set(anywidget.AnyWidget.class_traits(sync=True))


def rows(panel):
    """Return the controls of a panel row by row, as `explorer` of docs/living/controls.js takes them.

    Each is a dict: `part` says what it is, `name` how the panel calls it; where several are a list under one
    name, `many` is true.
    """
    names = {}
    for name, one in vars(panel).items():
        for control in one if isinstance(one, list) else [one]:
            names[id(control)] = {"name": name} | ({"many": True} if isinstance(one, list) else {})
    boxes = [child for child in panel.children if isinstance(child, ipywidgets.HBox)]
    return [
        [
            names[id(control)] | _state(control)
            for control in box.children
            if id(control) in names and not isinstance(control, ipywidgets.Label)
        ]
        for box in boxes
    ]


def _state(control):
    if isinstance(control, Part):
        own = sorted(set(control.traits(sync=True)) - OWN_TO_WIDGETS - {"_esm", "_css", "_anywidget_id"})
        return {name: getattr(control, name) for name in own}
    state = {"description": control.description, "disabled": control.disabled}
    match control:
        case ipywidgets.Dropdown():
            look = {"name_width": control.style.description_width, "width": control.layout.width}
            return state | look | {"part": "dropdown", "options": [*control.options], "value": control.value}
        case ipywidgets.Checkbox():
            return state | {"part": "box", "value": control.value}
        case ipywidgets.Button():
            return state | {"part": "button", "tooltip": control.tooltip}
    raise TypeError(
        f"{control.description!r} is {type(control).__name__}; expected a part, dropdown, box or button."
    )
