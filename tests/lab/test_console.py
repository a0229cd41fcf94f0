"""The way to the console, in Jupyter and elsewhere."""

from __future__ import annotations

from labgateway.lab.console import ConsoleLink


def test_in_jupyter_a_button_opens_the_pane() -> None:
    """A path, so that the link is right wherever JupyterLab runs, and the extension's command."""
    link = ConsoleLink("/user/ada-1x2y/labgateway/ui/", in_jupyter=True)

    shown = link._repr_mimebundle_()

    assert 'href="/user/ada-1x2y/labgateway/ui/"' in shown["text/html"]
    assert 'data-commandlinker-command="labgateway:console"' in shown["text/html"]
    assert "/user/ada-1x2y/labgateway/ui/ at this Jupyter server" in shown["text/plain"]


def test_elsewhere_the_link_is_a_key() -> None:
    """No button that nothing understands; the text says what the link is."""
    link = ConsoleLink('http://localhost:15000/s"cret/ui/', in_jupyter=False)

    shown = link._repr_mimebundle_()

    assert "button" not in shown["text/html"]
    assert "s&quot;cret" in shown["text/html"]
    assert "keep it to yourself" in shown["text/plain"]
