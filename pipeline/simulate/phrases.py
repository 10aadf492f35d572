"""English phrases of a department, by what they are for. Lists only; slots in braces are filled by prose.py.

Every sentence carries the tone its writer meant: +1 glad, -1 displeased, 0 neither.
"""

from __future__ import annotations

THINGS: dict[str, tuple[str, ...]] = {
    "technology": (
        "the new laptops", "the VPN", "the guest wifi", "the print service", "the booking system", "the shared drive",
        "the headset order", "the password reset page", "the scanner on the second floor", "the phone upgrade",
        "the map layers",
    ),
    "digital": (
        "the new registration service", "the online renewals form", "the vessel look-up", "the digital strategy",
        "the service assessment", "the prototype we saw on Tuesday", "the content audit", "the payments page",
        "the user research round", "the beta", "the chart viewer",
    ),
    "flexible": (
        "compressed hours", "working from home two days a week", "the core hours rule", "the flexi sheet",
        "job sharing", "the carers' policy", "the new shift pattern", "hybrid meetings", "the desk booking rota",
    ),
    "customers": (
        "the complaints backlog", "the call waiting times", "the harbour masters' forum", "the new letters",
        "the out of hours line", "customer feedback", "the small boat owners", "the counter service",
        "the satisfaction survey",
    ),
    "training": (
        "the digital skills course", "the champions' sessions", "the mandatory e-learning", "the lunch and learn",
        "the mentoring scheme", "the induction day", "the writing workshop", "the spreadsheet course",
        "the learning budget",
    ),
    "offices": (
        "the car park", "the office move", "the canteen", "the heating on the third floor", "the bike shed",
        "the meeting rooms", "the lifts", "the new lockers", "the quiet room", "the recycling points",
    ),
    "wellbeing": (
        "the charity rowing day", "the walking group", "the wellbeing hour", "the staff choir", "the first aiders",
        "the volunteering days", "the mental health allies", "the cake sale", "the lunchtime run",
    ),
    "welsh": (
        "the Welsh language standards", "the bilingual templates", "the Welsh lunchtime class",
        "the translation queue", "bilingual signage", "the Welsh helpline",
    ),
    "pay": (
        "the pay award", "the pension statement", "the overtime rates", "the travel claims", "the payslip portal",
        "the pay bands", "the expenses system", "the bonus round",
    ),
    "jobs": (
        "the restructure", "the recruitment freeze", "the office closure rumours", "the voluntary exit scheme",
        "temporary promotions", "the future of the regional teams", "the headcount review", "the agency contracts",
    ),
}  # fmt: skip

PLACES = (
    "Swansea", "Cardiff", "Holyhead", "Bristol", "Newcastle", "Plymouth", "our team", "the contact centre",
    "the north", "the harbour office", "our floor", "the registry", "the whole directorate",
)  # fmt: skip

WHEN = (
    "this morning", "last week", "since Monday", "this month", "after the update", "at the end of the quarter",
    "today", "before the summer", "by Friday", "next week", "over the last few days", "since the changeover",
    "in the spring",
)  # fmt: skip

GOOD = (
    "brilliant", "really helpful", "a big improvement", "so much faster", "excellent", "great", "a joy to use",
    "much clearer", "impressive", "lovely", "well thought out", "wonderfully simple", "better than I expected",
)  # fmt: skip

BAD = (
    "frustrating", "painfully slow", "a mess", "worse than before", "confusing", "broken again", "disappointing",
    "a waste of time", "useless", "terrible", "badly planned", "unreliable", "a nightmare",
)  # fmt: skip

PEOPLE = (
    "our customers", "new starters", "the night shift", "part-timers", "field staff", "managers", "all of us",
    "the team",
)  # fmt: skip

AMOUNT = ("two", "three", "four", "five", "six", "a dozen", "about twenty", "nearly forty", "half", "most")

Phrases = tuple[tuple[int, str], ...]

ROOTS: dict[str, Phrases] = {
    "question": (
        (0, "Does anyone know who looks after {thing}?"), (0, "When will {thing} be ready for {place}?"),
        (0, "Is there any news about {thing}?"), (0, "Can somebody explain what to do about {thing} for {people}?"),
        (0, "Who should I ask about {thing} in {place}?"), (0, "Has anyone in {place} tried {thing} yet?"),
        (0, "What is the plan for {thing} {when}?"), (0, "Could {people} be told about {thing} earlier?"),
        (0, "Why {was} {thing} changed {when}?"), (0, "How many people in {place} use {thing}?"),
        (0, "Is it just me, or {has} {thing} stopped working {when}?"),
        (0, "Where do I find the guidance on {thing}?"), (0, "Would it be possible to extend {thing} to {people}?"),
        (0, "Are we going to review {thing} {when}?"), (-1, "Why does nobody tell {people} anything about {thing}?"),
        (-1, "How long do we have to put up with {thing}? It is {bad}."),
    ),
    "update": (
        (0, "A quick note on {thing}: {amount} of the cases in {place} are done."),
        (0, "We have moved {thing} to a new page, the old link still works."),
        (0, "Minutes of the meeting about {thing} are on the intranet."),
        (0, "{place_cap} will switch over {when}; nothing to do for {people}."),
        (0, "From next Monday {thing} {be} open to {people} as well."),
        (0, "We tested {thing} with {people} {when}, notes attached."),
        (0, "Reminder: comments on {thing} close at noon on Friday."),
        (1, "Good news: {thing} {be} live in {place} and feedback so far is {good}."),
        (1, "{thing_cap} went out {when} without a single problem, well done everybody."),
        (-1, "Sorry, {thing} {be} down again in {place}, we are working on it."),
    ),
    "praise": (
        (1, "I have to say {thing} {be} {good}. Thank you to everyone who worked on it."),
        (1, "Huge thanks to {place} for their help with {thing} {when}, it was {good}."),
        (1, "Just used {thing} for the first time and it is {good}!"),
        (1, "Lovely to see {people} getting so much out of {thing}."),
        (1, "{thing_cap} {has} made my week. {good_cap}."),
        (1, "So proud of {place}: {thing} {be} {good} and {people} love it."),
        (1, "Credit where it is due, {thing} {be} {good} these days."),
        (1, "What a great session on {thing} {when}, I learned a lot and enjoyed every minute."),
    ),
    "complaint": (
        (-1, "Honestly, {thing} {be} {bad} {when}."),
        (-1, "I am fed up with {thing}, it is {bad} and nobody listens."),
        (-1, "{thing_cap} cost {place} days of work {when}. This is {bad}."),
        (-1, "We were promised that {thing} would be better for {people}. It is {bad}."),
        (-1, "Third time I raise this: {thing} {be} {bad}."),
        (-1, "It is unfair that {people} had no say about {thing}."),
        (-1, "Am I the only one who finds {thing} {bad}? {amount_cap} of us gave up {when}."),
        (-1, "I am worried about {thing}. The silence is {bad} for {people}."),
        (-1, "Yet another change to {thing} and not one word to {place}. Poor show."),
    ),
    "idea": (
        (0, "Could we try {thing} as a pilot in {place} first?"), (0, "What if {people} helped to test {thing}?"),
        (0, "Idea: put {thing} on one page with a simple checklist."),
        (0, "I would suggest that {place} and the contact centre swap notes on {thing} {when}."),
        (1, "A small change to {thing} could make life much better for {people}."),
        (1, "I saw a great example of this elsewhere, we could do the same with {thing}."),
    ),
    "greeting": (
        (0, "Hello from {place}, I joined {when} and will work on {thing}."),
        (0, "Morning all! Anyone else in {place} today?"),
        (1, "Happy Friday everyone, hope {place} enjoys the sunshine."),
        (1, "My first post here! Looking forward to meeting {people}."),
        (0, "Hi, I am new to the network. Is this the right place for {thing}?"),
        (1, "Welcome to the {amount} colleagues who started {when}, great to have you."),
    ),
    "announcement": (
        (0, "All staff: the chief executive will answer questions about {thing} in the next web chat."),
        (0, "All staff: please read the new page on {thing} {when}."),
        (1, "All staff: thank you for your excellent work on {thing}. More news {when}."),
    ),
}  # fmt: skip

REPLIES: dict[str, Phrases] = {
    "answer": (
        (0, "It is owned by {place}, try their shared mailbox."),
        (0, "As far as I know {thing} will be sorted {when}."),
        (0, "Have a look at the guidance page, it covers {people}."),
        (0, "We had the same in {place}: log out, clear the cache and try again."),
        (0, "The answer is yes for {people}, no for everyone else at the moment."),
        (0, "I have asked the owner of {thing} and will post here when I hear back."),
        (0, "Yes, {amount} of us in {place} use it every day."),
        (1, "Good question! It is fixed now and works well."),
        (1, "Happy to help, give me a call and I will show you. It is {good} once you know how."),
        (-1, "Nobody knows, I am afraid. We asked {when} and got no reply."),
    ),
    "thanks": (
        (1, "Thank you, that is {good}."), (1, "Brilliant, that worked. Thanks!"),
        (1, "Thanks so much, really appreciate it."), (0, "Thanks, I will pass it on to {people}."),
        (0, "Noted, thank you."), (1, "Perfect, you saved my day."), (1, "Diolch! Very helpful."), (0, "Ok, thanks."),
    ),
    "agree": (
        (0, "Same here in {place}."), (0, "Agreed."), (1, "Love this idea, count me in."),
        (1, "Well said. I think it is {good}."), (0, "+1 from {place}."),
        (-1, "Exactly, {thing} {be} {bad} for us too."), (0, "I would support that for {people}."),
        (1, "Congratulations to the whole team, {good}!"), (-1, "Totally agree, it is {bad} and has been {when}."),
    ),
    "differ": (
        (0, "I see it differently: for {people} the old way took longer."), (-1, "Sorry, but I find that {bad}."),
        (0, "Not sure about that. Has {place} been asked?"),
        (-1, "I doubt it. We heard the same about {thing} and it was {bad}."),
        (0, "There are two sides to this, {people} may prefer it."), (1, "I disagree, I found {thing} {good}."),
    ),
    "ask back": (
        (0, "Which version do you mean?"), (0, "Do you know whether {people} are included?"),
        (0, "Is that for {place} only?"), (0, "Could you share the link?"), (0, "When did that happen?"),
    ),
}  # fmt: skip

TAILS = (
    (0, "Let me know what you think."), (0, "More {when}."), (0, "Any thoughts from {place}?"),
    (1, "Have a lovely weekend."), (0, "Details are on the intranet."), (-1, "Not good enough."), (1, "Keep it up!"),
    (0, "See you there."), (0, "It affects {amount} of us."), (0, "I can bring it to the next team meeting."),
    (0, "Please share with {people}."), (-1, "It makes my job harder than it should be."),
    (1, "It made a real difference to {people}."),
)  # fmt: skip

POINTERS = (
    "Best to ask {name} ({email}).", "{name} knows more, call {phone}.", "Speak to {name}.",
    "Send it to {email} please.", "{first} in {place} can help.", "My number is {phone} if you want a chat.",
    "As {name} said {when}.", "cc {name}", "Contact {email} or {phone}.", "Well done {name}!",
    "Ask {first} or {name2}.",
)  # fmt: skip

PRIVATE = (
    (0, "Have you got five minutes before the team meeting?"), (-1, "Between us, I think {thing} {be} {bad}."),
    (0, "Can you cover for me {when}?"), (1, "Thanks for your support {when}, it means a lot."),
    (0, "Please keep this to yourself until {place} has been told about {thing}."),
    (-1, "I was really upset by what was said about {thing} {when}."),
)  # fmt: skip

SYSTEM = ("{name} has joined the network.", "{name} has joined the group.", "{name} changed the group picture.")

BOT = (
    "Service status: {thing} {be} available again.", "Service status: planned work on {thing} {when}.",
    "Daily digest is ready.",
)  # fmt: skip
