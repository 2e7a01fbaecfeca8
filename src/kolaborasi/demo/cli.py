"""`kolaborasi demo …`: the numbers the demonstration stands on."""

from __future__ import annotations

import click


@click.group()
def demo() -> None:
    """The demonstration city."""


@demo.command()
@click.option("--all", "whole", is_flag=True, help="Also one line for each kelurahan, as CSV.")
def estimates(whole: bool) -> None:
    """Print every number of docs/estimates.md."""
    from kolaborasi.demo import beds, labs, offers
    from kolaborasi.demo import estimates as made
    from kolaborasi.places import facts

    found, ratio, daily = made.jakarta_estimates(), made.jakarta_growth(), facts.daily_new_cases()
    packages = sum(estimate.need.packages for estimate in found)
    offered = int(packages * offers.ISOLATION_SHARE)
    rows = {
        f"new cases, 14 days to {made.TARGET_DATE}": made.new_cases(daily, made.TARGET_DATE),
        f"new cases, 14 days to {made.COUNTED_DATE}": made.new_cases(daily, made.COUNTED_DATE),
        "ratio": f"{float(ratio):.4f}",
        "kelurahan with somebody in self-isolation": len(found),
        f"people in self-isolation, {facts.COVID_DATE}": sum(estimate.isolating for estimate in found),
        "infected people who share a household (assumption)": f"{float(made.CASES_PER_HOUSEHOLD):.3f}",
        f"isolation packages needed, {made.TARGET_DATE}": packages,
        f"isolation packages offered, {float(offers.ISOLATION_SHARE):.0%} (assumption)": offered,
        "… of these in three warehouses": int(offered * offers.WAREHOUSE_SHARE),
        "staple food packages offered (KSBB, 27 May 2020)": offers.SEMBAKO,
        "day packs of ready meals offered (KSBB, 27 May 2020)": offers.READY_MEALS,
        "givers: organisations, persons (KSBB, 27 May 2020)": f"{offers.ORGANISATIONS}, {offers.PERSONS}",
        "RW that ask (KSBB, 22 May 2020)": offers.RW_ASKED,
        "share of RW fulfilled (KSBB, 22 May 2020)": f"{float(offers.RW_FULFILLED):.3f}",
        "staple food packages needed": round(offers.SEMBAKO / offers.RW_FULFILLED),
        "day packs of ready meals needed": round(offers.READY_MEALS / offers.RW_FULFILLED),
        f"hospitals in the network, {beds.PUBLISHED_DATE}": beds.HOSPITALS,
        f"isolation beds, occupied, {beds.PUBLISHED_DATE}": f"{beds.ISOLATION_BEDS}, {beds.ISOLATION_OCCUPIED}",
        "ICU beds, 2021-06-27; occupied, at the share of 2021-06-26": f"{beds.ICU_BEDS}, {beds.ICU_OCCUPIED}",
        "people before, inside emergency departments, 2021-07-19": f"{beds.WAITING_OUTSIDE}, {beds.WAITING_INSIDE}",
        "labs, and what they offer a day (specimens examined on 2021-07-18)": (
            f"{len(labs.generated_labs())}, {labs.PEAK_SPECIMENS}"
        ),
    }
    for name, value in rows.items():
        click.echo(f"{name}: {value}")
    if whole:
        click.echo("code,isolating,households,people,packages")
        for each in found:
            need = each.need
            click.echo(f"{each.code},{each.isolating},{need.households},{need.people},{need.packages}")
