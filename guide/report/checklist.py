"""Writes the next steps as a checklist in Markdown, for an issue tracker or a pull request."""

from __future__ import annotations

from collections.abc import Mapping

from guide.report.next_steps import Step
from guide.report.report import Report


def checklist(words: Mapping[str, str], report: Report, steps: tuple[Step, ...], address: str) -> str:
    """One box a step, and under it a box for each setting and each need. `address`: of the recommendation."""
    lines = [words["steps.markdown.title"].format(headline=report.headline), "", report.sentence, ""]
    for number, step in enumerate(steps, 1):
        lines.append(f"- [ ] **{number}. {step.title}**{f': {step.text}' if step.text else ''}")
        lines += [f"  `{command}`" for command in step.commands]
        lines += [f"  - [ ] {limit.tier}: {limit.setting}" for limit in step.settings]
        lines += [f"  - [ ] {need.title}. {need.brief}" for need in step.needs]
    foot = words["steps.markdown.foot"].format(version=report.version, address=address)
    return "\n".join((*lines, "", foot, ""))
