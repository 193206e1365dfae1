"""Texts that the tests of copies share."""

from __future__ import annotations

STORY = """\
The harbour of Fairhaven will stay closed until Thursday after a freighter lost 42 containers in the storm, \
the port authority said.

Divers found the first of them on Monday evening in eleven metres of water, not far from the lighthouse at \
Cape Morran. "We were lucky that nobody was hurt," harbour master Ida Lunde told reporters. Her crew has asked \
the navy for a second salvage ship.

The owner of the freighter, Calder Shipping, promised to pay for the work. It put the damage at 3.5 million \
crowns and said that the cargo, mostly furniture and tyres, was insured.

Fishermen in the villages to the north have been told to keep their boats on land. Their union wants the state \
to make up for what they lose, about 60,000 crowns a day.

A court will decide next month whether the captain should have left the port at all. The weather service had \
warned of gusts since Saturday."""

OTHER = """\
Teachers in the valley schools have voted for a strike that could begin after the spring break, their union \
said.

They ask for smaller classes and for pay that keeps up with prices. The council of the province offered two \
percent last week and called the demand out of touch. Talks are to go on in Norwood with a mediator from the \
labour court."""

NOTICE = """\
You have reached your limit of free articles this month. Already a subscriber? Log in here. Support our \
newsroom and get every story, the puzzles, the magazine and the archive from one pound a week. Cancel at any \
time.

Comments are moderated before they appear. Be kind to one another and stay on the subject. We remove personal \
attacks and advertising. The views below are those of our readers and not of this newspaper."""

BRIEF = (
    "A 34-year-old man was arrested in {} on {} after a car was driven into a shop window. {} people were "
    "treated for cuts, the police said, and the street stayed closed until noon."
)
