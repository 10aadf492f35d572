"""Words that are names and more often are not: alone they stay, beside another name they go.

Belongs here: the lists. Does not: the rules that read them (scrubber.py).
"""

from __future__ import annotations

# ruff: noqa: SIM905  (lists of words are read and edited as text)

# Given names that are everyday words. Two letters or fewer count as such without being listed.
GIVEN = frozenset(
    """
    amber angel ant april art august autumn bee bill bliss bonny buck buddy can carol chance charity chase chip
    clay cliff con constance coral crystal daisy dale dawn dean destiny don dot drew earl eira eve faith fern
    flora frank gay gene gift ginger grace grant guy gwyn haf ham happy harmony haven hazel heath heather heaven
    herb holly honey honor honour hope hunter iris ivy jack jade jasmine jay jet jewel journey joy judge june
    justice kit lance lane laurel les lex lily luck lucky mai major marina mark marvel mat max may melody mercy
    merit merry miles misty moll nick non olive opal page paris pat patience patty peace pearl peg penny piper
    poppy precious prince prudence queen rain raven ray reed rich river rob rocky rod rose rowan ruby rusty sage
    sandy scarlet scout seren skip sky sonny star stormy sue summer sunny tad temperance tiger trace true unity
    vale van verity victory viola violet will willow win winter wyn zip
    """.split()
)

# Surnames that are everyday words or compass points: two of these make no person's name.
PLAIN = frozenset(
    """
    abbey all almond arms ash bach bacon baker ball bank banks barber barn bass bath beach bean bear beard bell
    bench bent berry best better bird bishop bitter black blood bloom board bolt bond bone book books boot
    border bow bowl box brain branch brand brass bread bridge bridges bright brisk broad brook brown bull burden
    burn burns bush butcher butler butt butter button cable cake call camp cannon card care carpenter carrier
    case cash castle catcher cater chain chambers change chapel chaplain charge cheek cherry child chilly church
    city clerk cloud coach coal coast cock cold cole collar comfort constable cook cool copper corn corner
    cotton council counter county court cove coward craft crane crew crisp cross crow crown cruise cup current
    curry dance dark day days deacon deal dear deep diamond dish dock doctor done door doors dove down drain
    drake drink driver drum duck dull each eager early east easter edge else english ever every fair fairy fall
    falls farmer fast father feather fell fellows fence ferry few field fields file files fill finch fine fire
    first fish fitness five fleet flint flood flower flowers fly folk foot force ford forest fortune forward
    fountain fox frame free french friend friends frost full fuller gain game games garden gardener garland gate
    gates gentle glass go going gold golden good goods goose gray great green grey grief grim gross grove guest
    guide hack hair hall hammer hand hands handy hard hardy harm harp harvest hash hatch have hawk hay head heal
    heard heart heat heavy hedge help her here high hill hills hind hire his hold hole holiday hollow home hood
    hook horn horse hour house how humble hunt hurt ice inch ink iron island isle ivory job jobs jolly jury keen
    keep key keys kick kind king kitchen kite knight knock lad lady lake lamb land large lark last late law lawn
    laws lay lead leaf least leave leaves left leg lemon less level light lightning line lines link links lion
    list little lock lodge log long look loose lord lot love lovely low lower made main maker man manners many
    marble march margin marine market marks marsh master masters match matters mayor mead meadows mean means
    merchant mere messenger middle mill miller mills mine miner minor mint mist monday money monk month moody
    moon moor moors morning moss most mother mould mount mountain mouse much must my nail name nation native
    neat neck need needle neighbour nest new newcomer news next nice night nightingale noble noon north northern
    note notes nurse nut oak oats object ocean off offer old older one only or orange orchard order other ought
    over own packer pain painter pair palm pan paper parade parish park parks parson part partner party pass
    paste patch path pay peach peacock peak peas pen people pepper perch perfect pick pickles piece pike pilgrim
    pin pine pink pipe pit place plain plane plank plant plate play player plum plumb point poll pond pool poor
    pope port porter post pot pound power powers press pretty price pride priest prime prior proof proper proud
    provost purple quick quill race rack raffle rake ram rank rash reach read reader ready reason record red
    reel rest reveal rice riches rider ridge right ring rise rivers road roads rock rolls roman roof rook room
    root rope rough round royal rule ruler rump run runner rush rust sack safe sail sailor saint sale sales
    salmon salt sample samples sand sands saturday savage save saver scale scales school score sea seal seaman
    season seat second see seed self sell seller senior sergeant service seven sexton shade shadow shallow sharp
    shed shell shelter shepherd shield ship shoe shoot shore short show shower sick side sides silence silk
    silver simple singer single six skill skipper slack sleep slim slow small smart smiles smoke snow soap
    softly sole some song soon sorry soul sound south southern spark sparks sparrow speak spear speed spender
    spice spike spirit spring sprout squire stable staff stage stain stamp stand standard staple stark start
    state station steady steel steep steer step stern steward stick stiff still stock stocks stone store storm
    story stout strain strange stranger straw stream street streets stretch strong style such sugar sun sunday
    surgeon swallow swan sweet swift sword swords table tailor tall tar tart task tax tea teacher teal team
    temple ten tench tender test the thing three thrush tick tide tidy tile tiles till time times to toll tongue
    tool tooth top tough tower towers town trade train travel treasure tree trees trick trim trip trot trout
    truck trump tuck turf turn two upright usher value vicar vice vine wade wages wait wake wakes walk wall
    walls want war ward warden warm waste watch water waters wave way weather weed week weeks weir welcome weld
    well welsh west western wheat wheel wheeler whisker white who whole wick wide wild wills wind winder window
    winds wing winner wire wise wish witty wolf won wonder wood woodland woods wool word words work workman
    world worm worth worthy write wrong yard year years yes young youngest
    """.split()
)

# Surnames that are places: an office in Preston is no person.
PLACES = frozenset(
    """
    bedford bolton bradford bristol burton chelmsford chester cornwall coventry derby devon dover durham england
    essex everton halifax hampton hastings kent keynes lancaster leeds lincoln london milton newport norfolk
    oxford preston reading scotland stafford stirling stratford sutton swindon wakefield wales warwick
    washington wells windsor worcester york
    """.split()
)
