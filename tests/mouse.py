"""What the tests of JupyterLab and of the site do with the mouse."""


def draw(paper, strokes):
    """Draw on paper, point by point: of each stroke the (x, y), as shares of its width and height."""
    mouse = paper.page.mouse
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    for stroke in strokes:
        (x, y), *points = (stroke * (box["width"], box["height"]) + (box["x"], box["y"])).tolist()
        mouse.move(x, y)
        mouse.down()
        for x, y in points:
            mouse.move(x, y)
        mouse.up()
