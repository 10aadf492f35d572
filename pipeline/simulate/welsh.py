"""Welsh phrases of a department, by what they are for. Lists only; slots in braces are filled by prose.py."""

from __future__ import annotations

THINGS = (
    "y system newydd", "y gliniaduron newydd", "y cwrs sgiliau digidol", "y maes parcio", "y gwasanaeth cofrestru",
    "y ffurflen ar-lein", "gweithio gartref", "y safonau iaith", "y sesiwn hyfforddi", "y polisi teithio",
    "y fewnrwyd", "y strategaeth ddigidol", "y dosbarth Cymraeg", "y cynllun pensiwn",
)  # fmt: skip

IN_PLACES = (
    "yn Abertawe", "yng Nghaerdydd", "yng Nghaergybi", "ym Mryste", "yn y ganolfan alwadau", "yn ein tîm ni",
    "yn y gogledd",
)  # fmt: skip

TO_PLACES = ("i'r ganolfan alwadau", "i'r gofrestrfa", "i'r tîm digidol", "i'r adran gyllid", "i bawb yn y gogledd")

WHEN = (
    "yr wythnos hon", "bore ddoe", "y mis nesaf", "ddydd Llun", "cyn yr haf", "heddiw", "ar ôl cinio",
    "erbyn dydd Gwener",
)  # fmt: skip

GOOD = (
    "yn wych", "yn ddefnyddiol iawn", "yn llawer gwell", "yn ardderchog", "yn hawdd i'w ddefnyddio", "yn fendigedig",
)  # fmt: skip

BAD = ("yn araf iawn", "yn siomedig", "yn ddryslyd", "yn rhwystredig", "wedi torri eto", "yn waeth nag o'r blaen")

Phrases = tuple[tuple[int, str], ...]

ROOTS: dict[str, Phrases] = {
    "question": (
        (0, "Oes rhywun yn gwybod pwy sy'n gyfrifol am {thing}?"), (0, "Pryd fydd {thing} ar gael {in_place}?"),
        (0, "Ble mae'r canllawiau am {thing}?"), (0, "A oes newyddion am {thing} {when}?"),
        (0, "Sut mae {thing} yn gweithio i staff rhan amser?"), (0, "Pam mae {thing} wedi newid {when}?"),
    ),
    "update": (
        (0, "Mae {thing} ar agor i bawb {when}."), (0, "Nodyn byr: bydd cyfarfod am {thing} {in_place} {when}."),
        (1, "Newyddion da: mae {thing} yn fyw ac {good} hyd yn hyn."),
    ),
    "praise": (
        (1, "Mae {thing} {good}, diolch yn fawr i bawb."),
        (1, "Diolch o galon {to_place} am eu cymorth gyda {thing}."),
        (1, "Llongyfarchiadau i'r tîm, mae {thing} {good}."),
    ),
    "complaint": (
        (-1, "Yn anffodus mae {thing} {bad} {when}."), (-1, "Dw i wedi cael llond bol ar {thing}."),
        (-1, "Mae {thing} {bad} a does neb yn gwrando."),
    ),
    "idea": (
        (0, "Beth am dreialu {thing} {in_place} yn gyntaf?"), (0, "Syniad: rhoi {thing} ar un dudalen syml."),
    ),
    "greeting": (
        (0, "Bore da bawb, pwy sydd {in_place} heddiw?"), (1, "Croeso cynnes i bawb sydd wedi ymuno {when}."),
        (0, "Shwmae, dw i'n newydd yma ac yn gweithio ar {thing}."),
    ),
    "announcement": (
        (0, "I'r holl staff: bydd y prif weithredwr yn ateb cwestiynau am {thing} {when}."),
    ),
}  # fmt: skip

REPLIES: dict[str, Phrases] = {
    "answer": (
        (0, "Gofynnwch {to_place}, nhw sy'n gyfrifol am hyn."), (0, "Mae'r ateb ar y fewnrwyd, dan {thing}."),
        (0, "Bydd {thing} yn barod {when}, hyd y gwn i."),
    ),
    "thanks": (
        (1, "Diolch yn fawr, mae hynny {good}."), (0, "Diolch, fe rof wybod i'r tîm."),
        (1, "Gwych, diolch am dy help!"),
    ),
    "agree": (
        (0, "Cytuno'n llwyr."), (0, "Yr un peth yma {in_place}."), (1, "Syniad da iawn, dw i'n cefnogi hyn."),
    ),
    "differ": (
        (0, "Dw i ddim yn siŵr am hynny."), (-1, "Rhaid i mi anghytuno, mae {thing} {bad}."),
    ),
    "ask back": (
        (0, "Pa fersiwn wyt ti'n ei feddwl?"), (0, "Oes dolen gyda ti?"),
    ),
}  # fmt: skip
