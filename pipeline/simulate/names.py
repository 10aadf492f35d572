"""What people, teams, places and courses are called. Lists only; some names are common words on purpose."""

from __future__ import annotations

_FIRST = """
Aled Alice Alison Amir Amy Andrew Angharad Ann Anna Bethan Brian Bronwen Carys Catherine Ceri Charlotte Chloe Chris
Claire Colin Craig Dafydd Daniel David Dilys Donna Dylan Eleri Elin Elizabeth Emily Emma Emyr Fatima Ffion Gareth
Geraint Gethin Glenys Grace Graham Gwen Gwilym Hannah Hari Heather Helen Huw Ian Ieuan Ifan Imran Ioan Iwan Jack
Jacqueline James Jane Janet Jennifer Joanne John Jonathan Joy Judith Julie Karen Kate Keith Kelly Kevin Laura Leah
Leanne Linda Llinos Lowri Lucy Luke Lynne Mair Mandeep Marged Margaret Mark Martin Mary Matthew May Megan Meleri Menna
Michael Mohammed Nadia Natalie Neil Nerys Nia Nicola Nigel Non Olivia Owain Owen Paul Peter Priya Rachel Rebecca Rhian
Rhodri Rhys Richard Robert Robin Rose Ruth Sally Samantha Sandra Sara Sarah Sean Shannon Sharon Siân Simon Sioned
Sophie Stephen Steffan Stuart Susan Tegan Teresa Thomas Tomos Tracey Victoria Wayne Wendy Will Yusuf Zoë
"""

_LAST = """
Adams Ahmed Ali Allen Anderson Bailey Baker Barnes Begum Bell Bennett Bevan Bowen Bradley Brown Butler Campbell Carter
Chapman Clarke Coleman Collins Cooper Cox Davies Dixon Doyle Edwards Ellis Evans Fernández Fisher Foster Francis
Gibson Gill Graham Gray Green Griffiths Gupta Hall Harding Harris Harrison Harvey Hill Holmes Hopkins Howells Hughes
Hussain Jackson James Jenkins John Johnson Jones Kaur Kelly Khan King Knight Lewis Lloyd Llewellyn Marsh Marshall
Martin Mason Matthews Meredith Miles Miller Mills Mitchell Moore Morgan Morris Moss Murphy Murray Nicholas O'Brien
O'Neill Osborne Owen Palmer Parker Parry Patel Phillips Pearce Perkins Poole Powell Preece Price Pritchard Prosser
Pryce Pugh Rahman Rees Reid Reynolds Richards Roberts Robinson Rogers Rowlands Russell Saunders Scott Shah Shaw
Simpson Singh Smith Stephens Stevens Stewart Stone Taylor Thomas Thompson Tucker Turner Vaughan Walker Walters Ward
Watkins Watson Webb West White Wilkins Williams Wilson Wood Woodward Wright Wynne Yeung Young
"""

FIRST = tuple(_FIRST.split())
LAST = tuple(_LAST.split())

DOUBLE = ("Parry-Jones", "Rees-Hughes", "Lloyd-Davies", "Shah-Evans", "Smith-Harvey", "Wynne-Pritchard")

DIRECTORATES = (
    "Corporate Services", "Harbours and Ports", "Vessel Registration", "Coastal Operations", "Digital and Technology",
    "Licensing and Enforcement", "Environment and Science", "Customer Service",
)  # fmt: skip

WORK = (
    "Planning", "Casework", "Policy", "Support", "Contact", "Records", "Finance", "Standards", "Inspections",
    "Assurance", "Data", "Delivery", "Scheduling", "Appeals", "Renewals", "Fees", "Training", "Engagement",
    "Surveys", "Estates", "Stores", "Radio", "Mapping", "Publishing", "Payments", "Enquiries", "Complaints",
    "Design", "Testing", "Security",
)  # fmt: skip

LOCATIONS = ("Swansea", "Cardiff", "Holyhead", "Bristol", "Newcastle", "Plymouth", "Home")
GRADES = ("AO", "EO", "HEO", "SEO", "G7", "G6", "SCS")
GRADE_SHARES = (0.26, 0.29, 0.20, 0.12, 0.08, 0.035, 0.015)

TOPIC_GROUPS = (
    ("Ask IT", "technology"), ("Digital ideas", "digital"), ("Working from anywhere", "flexible"),
    ("Our customers", "customers"), ("Learning together", "training"), ("Offices and parking", "offices"),
    ("Wellbeing", "wellbeing"), ("Cymraeg yn y gwaith", "welsh"), ("Pay and pensions questions", "pay"),
    ("New registration service", "digital"), ("Data and charts", "technology"), ("Volunteering days", "wellbeing"),
)  # fmt: skip

PRIVATE_GROUPS = ("Senior leadership team", "Restructure working group", "Fraud investigations", "Payroll pilot")
UNION_GROUPS = ("Trade union branch", "Trade union health and safety reps")
STAFF_NETWORKS = ("LGBT+ staff network", "Disability staff network", "Race equality network", "Women's network")

MANDATORY_COURSES = (
    ("mandatory/security-and-you", "Security and you"), ("mandatory/fire-awareness", "Fire awareness"),
    ("mandatory/data-protection", "Data protection essentials"), ("mandatory/equality", "Equality and diversity"),
)  # fmt: skip

COURSES = (
    ("digital/working-out-loud", "Working out loud"), ("digital/the-network", "The network in an hour"),
    ("digital/writing-for-the-web", "Writing for the web"), ("digital/user-research-basics", "User research basics"),
    ("digital/agile-for-everyone", "Agile for everyone"), ("digital/spreadsheets-to-charts", "Spreadsheets to charts"),
    ("digital/social-media-at-work", "Social media at work"), ("digital/accessible-documents", "Accessible documents"),
    ("digital/working-in-the-cloud", "Working in the cloud"), ("digital/open-data", "Open data in practice"),
)  # fmt: skip
