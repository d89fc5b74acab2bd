import pytest

from demos.__main__ import main


def test_list_names_every_scenario(capsys):
    main(["list"])
    assert {"drop", "plain"} <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}


@pytest.mark.parametrize("arguments", [[], ["measure", "nosuch"], ["measure", "drop", "--runs", "0"]])
def test_mistakes_end_with_status_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage" in capsys.readouterr().err
