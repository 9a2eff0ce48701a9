"""What the pages offer where the repository's address is known, and what they say where it is not."""

BINDER, COLAB = "https://mybinder.org", "https://colab.research.google.com"


def parts(repository):
    """Return host, owner and name of a repository's address.

    Raises
    ------
    ValueError
        If it is not one, https://github.com/owner/name.
    """
    address = repository.removesuffix("/").removesuffix(".git")
    scheme, _, rest = address.partition("://")
    found = rest.split("/")
    if scheme != "https" or len(found) != 3 or not all(found):
        raise ValueError(
            f"NNLIB_REPOSITORY is {repository!r}; expected an address like https://github.com/owner/name."
        )
    return found


def buttons(repository, branch):
    """Return the theme's options for the buttons of a chapter; none without an address.

    Raises
    ------
    ValueError
        If the address is not that of a repository.
    """
    if not repository:
        return {}
    host, owner, name = parts(repository)
    options = {
        "repository_url": f"https://{host}/{owner}/{name}",
        "repository_branch": branch,
        "repository_provider": "gitlab" if "gitlab" in host else "github",
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": {"binderhub_url": BINDER, "notebook_interface": "jupyterlab"},
    }
    if host == "github.com":
        options["launch_buttons"]["colab_url"] = COLAB
    return options


def report(repository):
    """Return the sentence, in Markdown, that says where a report goes."""
    if not repository:
        return (
            "This copy of the book does not know an address of the project. Give your report to whoever gave "
            "you the book: a teacher, or the owner of the copy."
        )
    host, owner, name = parts(repository)
    new = "issues/new" if "gitlab" not in host else "-/issues/new"
    return f"Reports are read here: <https://{host}/{owner}/{name}/{new}>"


def elsewhere(repository, branch):
    """Return what can be said, in Markdown, of running the chapters on other machines."""
    if not repository:
        return (
            "Binder, Colab and a copy of your own on a server need the address of the project's repository, "
            "and this copy of the book was made without one. Built with `NNLIB_REPOSITORY` set to it, it has "
            "buttons for them at the top of every chapter."
        )
    host, owner, name = parts(repository)
    lines = [
        f"- [A copy of your own](https://{host}/{owner}/{name}/fork): your answers stay in it.",
        "- **Binder**, the rocket at the top of a chapter: a machine that forgets what you did when it ends.",
    ]
    if host == "github.com":
        lines.append("- **Colab**, the rocket too: run `%pip install nnlib-notebooks` there first.")
    return "\n".join(lines)
