"""The words that questions are made of, and what each of them says.

A phrase is written once with its variants: "(go|went) (in|into)" is four phrases, "(the|)" may be
missing. Phrases are matched longest first, and are told apart by what they say, their sign.
"""

from __future__ import annotations

FILLERS = """a; an; the; of; at; in; on; to; from; for; into; onto; within; inside; by; with; as;
during; is; are; was; were; be; been; being; am; 's; do; does; did; doing; have; has; having;
got; get; gets; getting; i; we; you; us; our; ours; your; my; me; mine; it; its; there; here;
that; this; so; @; how (is|was|were|are|'s); just; exactly; precisely; roughly; approximately;
actually; really; well; um; looking; please; pls; plz; kindly; thanks; thank you; thx; hi; hello;
hey; i mean; i am (curious|asking); ok; okay; yes; too; then; already; altogether;
(can|could|would|may|might|will) you (please|kindly|)
(tell|show|give|get|find|list|check|let|say| count|report|display) (me|us|out|) (know|);
(would|could) you be so (kind|good) as to (tell|give|show) me; (can|could|may) (i|we) (please|)
(see|get|have|know); (show|tell|give|get|find|display|fetch)
(me|us); show; tell; give; find; find out; display; see if; let (me|us) know; report; i
(want|need|wish|like|would like) to (know|see|find out|check); would like to (know|see); want to
(know|see|check); like to (know|see|check); need to (know|see|check); need; want; i wonder; i was
wondering; wondering; i am wondering; do you (know|happen to know); (do|would) you (know|say);
any idea; (say|check) (if|whether); tell (me|us) (if|whether); if; whether; look up; is it
(true|correct) that; how about telling me; did we (have|get|see|count|record); did you
(see|count|record); have we (had|got|seen); have you (seen|counted|recorded); overall number; the
(building|premises|property|site); (on|at) site; onsite; on the premises; in the building;
anywhere; everywhere; in all; question; quick question; quick; quickly; curious; just curious;
info; value; values; figure; figures; statistics; stats; data; details; the following; of those;
at all; in front of; called; named; labelled; labeled; (can|could|would|may|might) you
(please|kindly|) (inform|advise|notify) (me|us) (of|about|); inform (me|us|) (of|about|); (i|we)
(would|should) appreciate; would appreciate; appreciate; provide; provide (me|us) (with|);
(please|kindly) state; very; drew; draw; draws; attracted; attract; attracts; received; receive;
receives; welcomed; welcome; pulled in; ended up; end up; installed; that are installed; take;
takes; took; taking; (at|on|) (our|the) premises; -; –; —; (pick|picked|picks) up; pick out; in
(view|frame|sight); (in|on) the (view|frame|picture|pictures); (get|have|paint|build) (a|the)
(clear|better|full|good|overall|) picture of; in the way of; even; for the record; footage of;
(in|on|from) (our|the|my|all|all the|all our|) (footage|recordings|tapes); quick one; cheers; ta;
(is|would be|will be|should be|are) (enough|fine|sufficient|ok|okay); will do; that is all;
(if|when) (possible|you can|you could); if (it|that) is possible; for me; for us; remind (me|us);
(need|want) (it|this|them) for; no need for more; that is enough; roughly speaking; in short;
(good|nice) to know; long story short; to be (exact|precise); as far as you know; all in all;
front desk here; say; putting together; preparing; compiling; (putting|put) together (a|my|our|the)
report; (we|us) (here|) at the
(council|office|company|museum|library|school|town hall|city|store|shop|reception|front desk);
(in|on) terms of; (taken|put|lumped|all taken|all put) together; if so;
(can|could) (someone|anyone|somebody) (please|) (tell|show|give) (me|us)"""
"""Carry no meaning: politeness, articles, helping verbs, and words for all of the place."""

SIGNS = {
    # what is wanted
    "count": """i (only|just) (need|want) the (count|number|total); (only|just) the
        (count|number|total); count only; number only; how many; how many of; (the|) (total|)
        number of; (the|) (total|) numbers of; number; numbers; count; counts; count of;
        counting; # of; # ; no of; nr of; num of; how few; tally; quantity of; amount of; volume
        of; volume; how much""",
    "total": """total; totals; total of; grand total; sum of; sum; added up; all added up; summed
        up; adding up; added together; summed; in sum""",
    "times": "how many times; how often; number of times",
    "howlong": """how long; for how long; how much time; duration; durations; length; lengths;
        the length of time; amount of time; what length""",
    "how_much_of": "how much of",
    "hours_of": "how many (seconds|minutes|hours)",
    "ago": "how long ago; how long (is|has) it (been|) since; how long since",
    "when": """when; what time; at what time; at which time; which time; what moment;
        what was the time; what is the time; what 's the time; (the|) time (of|when|that);
        at what point; around what time; about what time""",
    "who": """who; whom; which
        (track|tracks|visitor|visitors|person|persons|people|visit|visits|customer|customers|guest|guests);
        what (tracks|visits); list (the|all|all the|) (tracks|visits); show (me|us|)
        (the|all|all the|) (tracks|visits)""",
    "list": "list; list of; enumerate; name; names; names of; which ones; what are the names of",
    "which": """which one; which one of (the|these|those|); which (one|) of (the two|both|those
        two|these two);
        (which|what|whose) (of the|of our|of my|one of the|); at (which|what); in
        (which| what); on (which|what); during (which|what)""",
    "where": "where; in which place; at which place; whereabouts",
    "help": """help; what data (do|have) you (have|got|); what data (is|are) there; what can be
        (detected|measured|counted|tracked|seen); what (can|do|could) you (do|know|answer|tell
        me|count|measure|see|track|understand); what (can|may|could|should) i ask; what
        (can|may|could) i ask (you|about|you about|here); what (can|could) be asked; what do you
        understand; how does this work""",
    "exists": """belong to; belongs to;
        belong;(exist|exists|existing|available|configured|defined|set up|known|there are);
        (do|can) you (have|track|measure|detect); can (i|we) ask (about|for|); (are|is) (being|)
        (tracked|monitored|connected)""",
    # what is counted
    "busy": """how quiet; how calm;
        headcount; head count; head counts; headcounts; busy; how busy; traffic;
        (is|are|was|were) strong;
        footfall; foot fall; foot traffic; throughput; visitor numbers; attendance; turnout;
        frequented; visited much; popularity; pedestrian traffic""",
    "activity": "activity; movement; movements; motion; anything happening; anything going on",
    "seen": """seen; see; saw; sees; appear; appeared; appears; appearing; show up; showed up;
        shown up; shows up; turn up; turned up; turns up; detected; detect; spotted; spot;
        noticed; counted; noted; handled; handle; handles; (come|came|comes) by; came; come; comes;
        coming; dropped by;
        drop by; dropped in; pop in; popped in; pops in; popped by; stopped by; stop by; swung
        by; been to; been in; been at; been by; visit; visits; visited; visiting; (paid|pay) a
        visit; present; in view; on camera; caught; caught on camera; picked up; encountered;
        had; hit; walked (around|about); made an appearance; was here; were here; went to; used;
        using; use; welcomed; received; hosted; attended; came to visit; seen by; occur;
        occurred; happened; happen; (step|stepped|come|came|comes|coming|walk|walked) into (the|)
        (view|frame|picture); shown; visible""",
    "recordings": "recordings",
    "recorded": """recorded; record; registered; register; registers; logged; tracked; captured;
        observed; observe""",
    "pass": """went; go; goes; going; gone; walk; walked; walking; pass; passed; passes;
        passing; pass by; passed by; passing by; passes by; walk past; walked past; walking
        past; walk by; walked by; walking by; went by; go by; goes by;
        went past; go past; (come|came|comes|coming) past; passers by; drove by; drove past;
        driving by; drive; drives; drove; driving;
        (wander|wandered|stroll|strolled) (past|by|)""",
    "through": "through; via; by way of; over the line; across; over; past",
    "cross": """cross; crossed; crosses; crossing; crossings; crossings of; line crossing; line
        crossings; passings; passages; transits; went across; walked across;
        (pass|passed|go|went| walk|walked) (across|over); tripped; times crossed; went
        through; go through; goes through; going through; gone through; walk through; walked
        through; walking through; pass through;
        passed through; passing through; moved through; move through""",
    "come_through": "(come|came|comes|coming) (through|via|by way of|over|across)",
    "enter": """enter; enters; entered; entering;
        (come|came|comes|coming|go|went|goes|going|gone|
        walk|walks|walked|walking|step|stepped|get|got|move|moved|head|headed|drive|drove|driven|
        ride|rode|let|flow|flowed) (in|into|inside|inwards|indoors) (through|via|over|by|);
        inward; inwards; inbound; incoming; check in; checked in; ingress; in through; in via""",
    "entries": "entries; entry; entrances; entries into; ins; ingresses; walk ins; walk in count",
    "arrive": "arrive; arrived; arrives; arriving; (arrive|arrived|arriving) (through|via|by)",
    "arrivals": "arrivals; arrival; new arrivals; newcomers; new visits",
    "leave": """out; leave; leaves; left; leaving; exit; exited; exiting;
        (come|came|comes|coming|go|went|
        goes|going|gone|walk|walks|walked|walking|step|stepped|get|got|move|moved|head|headed|drive|
        drove|driven|ride|rode|flow|flowed) (out|out of|outside|outwards|outdoors) (through|via|
        over|by|); (leave|left|exit|exited|leaving|exiting) (through|via|over|by); outward;
        outwards; outbound; outgoing; egress; out through; out via; checked out""",
    "exits": "exits; exits from; outs; egresses",
    "depart": """depart; departed; departs; departing; went away; go away; went home; gone home;
        go home; goes home""",
    "departures": "departures; departure",
    "in_and_out": """in and out; ins and outs; in (or|vs|versus|and|/|&) out; in out; entries
        and exits; entries (vs|versus|or|&) exits; entering and leaving; entered and left;
        coming and going; came and went; (in|entering|entered|entries) (compared to|compared
        with|versus|vs) (out|leaving|left|exits); in (compared|versus|vs) (to|with|) out; going
        in and out; went in and out; came in and (went|) out; arriving and leaving; out and in;
        exits and entries; both directions; each direction; (in|) either direction; each way;
        both ways""",
    "net": """net; net flow; net count; net number of; net change; net inflow; net balance;
        balance; in minus out; ins minus outs; entries minus exits; entered minus left; inflow
        minus outflow; difference between (in|ins|entries) and (out|outs|exits)""",
    "still": """still inside; left inside; still inside the building; still in the building;
        remain inside; remained inside; remaining inside""",
    "now_still": "still; still there; still here; still around; still present; still in",
    "whole": """the whole time; the entire time; all the time; all of the time; throughout;
        constantly; continuously; always; without (interruption|interruptions|a break|gaps|a
        gap); non stop; nonstop; uninterrupted; the whole; the entire; all along; permanently;
        whole; entire; round the clock; around the clock; at all times""",
    "direction_in": "in direction in; inflow; inflows",
    "direction_out": "in direction out; outflow; outflows",
    "last": "(the|) last time (that|); last; latest; most recent; most recently; final; last ever",
    "first": "since when; (the|) first time (that|); first; earliest; first ever; soonest",
    "stay": """time (in|at|inside) (the|); stay; stays; stayed; staying; dwell; dwells; dwelled;
        dwelt; dwelling; dwell time; dwell times; spend; spends; spent; spending; linger;
        lingers; lingered; lingering; hang around; hung around; hang about; hung about;
        hanging about; hanging around; hangs around; stands; sits;
        hang out; hung out; loiter; loiters; loitered; loitering; wait; waits; waited; waiting;
        waiting time; waiting times; wait time; wait times; queue; queued; queueing;
        queuing; remain; remained; remains; remaining; stick around; stuck around; sticking
        around; length of stay; length of stays; lengths of stay; stay length; stay duration;
        duration of stay; duration of stays; visit duration; visit durations; visit length;
        visit lengths; length of visit; length of visits; duration of visit; duration of visits;
        time spent; stay time; stay times; residence time; time in zone; staying time; dwelling
        time; stood; stand; standing; sat; sit; sitting; park; parks; parked; parking; time people
        (spend|spent|stay|stayed|linger|lingered|dwell|wait|waited) (there|here|); time visitors
        (spend|spent|stay|stayed); lasted; lasts; (visits|visit|stay|stays) last; time
        (stayed|waited|lingered); (holds|hold|keeps|keep) (people|visitors|customers|them|everyone);
        time (people|ppl|persons|visitors|customers|guests|shoppers|folks|folk|clients|passengers|
        cars|bikes|bicycles|forklifts|trucks|vehicles|dogs|they|everyone|someone|somebody|a person|
        a visitor|a customer) (spend|spends|spent|stay|stays|stayed|linger|lingered|dwell|wait|
        waits|waited|are|is|were|was|remain|remained|stand|stands|stood|sit|sits|sat)
        (there|here|)""",
    "busy_time": """peak; peaks; peaked; peaking; rush; rush hour; rush hours; peak hour; peak
        hours; peak time; peak times; peak traffic; peak footfall""",
    "occupancy": "occupancy; occupancies; occupancy level; occupied; fill level; how full; full",
    "crowded": "crowded; how crowded; packed; crowd; crowding; how packed",
    "at_once": """(at|in) (its|the|their) (busiest|fullest|most crowded) (moment|point|time); at
        (its|the| their|) peak; at its busiest; at its fullest; at (the|) same (time|moment); at
        once; at one time; at any one time; at any time; at the same moment; at one moment;
        simultaneously; simultaneous; concurrent; concurrently; together; at a time; at any
        moment; at any given time; at any given moment; at any point; at one point; peak
        occupancy; max occupancy; maximum occupancy; highest occupancy""",
    "empty": """empty; deserted; vacant; unoccupied; nobody; no one; noone; no body; free of
        people; nobody there; completely empty; totally empty; not anyone; not anybody""",
    "nothing": "nothing; no objects; not anything",
    "unique": """(not|do not|without|never|no) (count|counting) (someone|anyone|somebody|anybody|
        people|them|him|a person|persons|visitors|customers|the same person|the same people|the
        same one|the same visitor|the same) (twice|double|again|more than once|several times);
        (count|counting|counted) (everyone|each person|everybody|each|each one|every person|every
        visitor|each visitor) (once|only once|just once); (counted|each counted|all counted) (once|
        only once); without (double|duplicate|repeat) (counts|counting); no (double|duplicate)
        (counts|counting); (just|only|) because (the|) (tracking|tracker) (lost|loses|dropped|
        missed) (them|someone|anyone|it|people|him) (for a moment|for one moment|for a second|for a
        bit|for a while|for some time|briefly|shortly|in between|);
        unique; distinct; different; separate; individual; unique number of; distinct
        number of; different number of""",
    "tracks": """tracks; track; track ids; identities; ids; tracked identities; number of
        tracks; track count; track number""",
    "detections": """detections; detection; boxes; bounding boxes; box; sightings; sighting;
        positions; position records; detection count; detection counts; observations; data
        points; detected boxes; individual detections""",
    "confidence": """confidence; confidences; detection confidence; confidence score; confidence
        scores; confidence of the (detections|detection|boxes); confidence of detections; sure;
        how sure; how (sure|confident|certain) (is|was|were|are) the
        (detector|detectors|model|detection);
        how confident; how certain; confident; certainty; detector confidence;
        confidence level; confidence levels; detection score; detection scores; detection
        quality; reliable; how reliable""",
    "presence": """(total|overall|all the) (hours|minutes|seconds); presence; total time spent;
        total stay; total dwell; total dwell time; total time; person hours; person seconds; person
        minutes; people hours; combined time; combined dwell; combined dwell time; combined
        stay; time in total; total waiting time; total presence; overall time spent;
        cumulative dwell; cumulative (time|stay|dwell time); summed dwell; sum of stays; sum
        of all stays; presence time""",
    "speed": """how fast; speed; speeds; velocity; walking speed; walking pace; (in|) km / h; kmh;
        kph; (in|) m / s; speed of; velocity of""",
    "distance": """how far; distance; distances; (walking|walked) distance; distance
        (walked|covered|of); distances (walked|covered)""",
    "watched": """watched; watch; watching; coverage; uptime; monitored; online; working;
        recording; running; being watched; being recorded; observed time; time watched; time
        recorded; recorded time; watched time; recording time; covered; camera time; hours of
        recording; hours recorded; active; live; up and running""",
    "up": "up",
    "unwatched": """how much downtime; how much time offline; offline;
        (out of|not in) (service|order|operation); down; outage; outages;
        downtime; blind; blind time; unwatched; gap; gaps; time not watched; (were|was|is) not
        (watched|recorded|running|working); not
        (watched|recorded|recording|watching|working|running|online|monitored|
        covered|active|up); not being (watched|recorded|monitored); missing; out of order; dark;
        unmonitored; recording gaps; gaps in the (recording|record|coverage); coverage gaps;
        interruption; interruptions; hole; holes; holes in the
        (recording|record|coverage|recordings); broken; unavailable; lost; failed; fail;
        interrupted; dead""",
    # how it is put together
    "mean": """average; averages; averaged; on average; mean; avg; typical; typically; usual;
        usually; generally; normally; normal; in the mean; the average number of; average number
        of; mean number of; an average; on an average; as a rule; in general""",
    "median": "median; in the middle",
    "p90": """90th percentile; 90 th percentile; 90 % percentile; p 90; p90; ninetieth
        percentile; 90 percentile""",
    "most": """most; highest; largest; biggest; greatest; max; maximum; maximal; at most; at its
        most; at its highest; highest number of; maximum number of; max number of; largest
        number of; most number of; greatest number of; biggest number of; peak number of; peak
        count; peak number; highest count; most common; commonest; most popular; most visited;
        most frequented; most used; best visited; most often; most frequent; most frequently;
        most active; popular; most traffic; number one; highest traffic;
        strongest; heaviest; best attended; record number of; best""",
    "least": """least; lowest; smallest; fewest; min; minimum; minimal; lowest number of; fewest
        number of; minimum number of; smallest number of; least popular; least visited; least
        used; least frequented; least crowded; least active; least busy; least often; least
        traffic; lowest traffic; weakest; lowest count; worst visited; worst; bottom""",
    "fullest": "fullest; most crowded; most packed; most full",
    "busiest": "busiest; most busy; most hectic; busiest time; busiest times",
    "quietest": """quietest; calmest; slowest; emptiest; quiet time; quiet; quietest time; calm;
        (is|are|was|were) weak; slow; dead time; most quiet""",
    "longest": """longest; the most time; most time; longer than anyone; maximum stay; longest
        stay; longest stays; longest visit; longest visits; longest dwell; longest dwell time;
        longest time; longest dwell times; longest wait; longest waiting time; maximum dwell;
        maximum dwell time; max dwell; max dwell time; max stay; maximum length of stay; highest
        dwell time; highest dwell; longest lingering; maximum waiting time; longest duration;
        longest of all""",
    "shortest": """shortest; the least time; least time; briefest; shortest stay; shortest
        stays; shortest visit; shortest visits; minimum stay; shortest dwell; shortest dwell
        time; minimum dwell; minimum dwell time; min dwell; min stay; shortest time; shortest
        wait; lowest dwell time; quickest""",
    "top": "top",
    "rank": """rank; ranked; ranking; ranking of; sort; sorted; order; ordered; rank by; ranked
        by; sorted by; ordered by; sort by; leaderboard; league table; in order of; order by""",
    "descending": "descending; from most to least; from highest to lowest; highest first",
    "ascending": "ascending; from least to most; from lowest to highest; lowest first",
    "trend": """vary; varies; varied; fluctuate; fluctuates; trend; trends; trending; over time;
        development; evolution; timeline; time line; history; historical; course of; over the
        course of; progression; how did (it|traffic|footfall) (develop|change); develop;
        developed; evolve; evolved; curve; time series; go up or down over time; trend of;
        (vary|varied|varies|change|changed|changes|fluctuate|fluctuated) over time; busier over
        time; from (day to day|hour to hour|week to week)""",
    "change": """by (how many|how much|what|which) (percent|percentage|%);
        (getting|becoming|got|become|became) (busier|quieter|fuller|calmer);
        (go|went|gone|going) up or down; up or down; (go|went|gone|going) (up|down); increase;
        increased; increasing; decrease; decreased; decreasing; rise; rose; risen; rising; fall;
        fallen; falling; decline; declined; declining; grow; grew; grown; growing; change;
        changed; changes; change in; changes in; shrink; shrank;
        (increase|rise|grow|grew|change) or (decrease|fall|shrink|drop|shrank|not); more or
        (less|fewer); higher or lower; busier or quieter; differ; differed; drop or rise;
        (increase|decrease|change|difference|growth|drop) in; growth; how did (it|this|that)
        compare""",
    "compare": """compare; compared; comparing; comparison; comparison of; comparison between;
        difference; difference between; differences; differences between; contrast""",
    "how_does": "how (does|do|did|has|have)",
    "split": """breakdown; breakdown of; broken down; break down; split; split up; distribution;
        distribution of; distributed; divide; divided; separated; group; grouped""",
    "more": """more; busier; higher; greater; larger; bigger; fuller; more crowded;
        more popular; more visited; more often; more traffic; livelier; more common; more
        frequent""",
    "less": """less; fewer; quieter; lower; smaller; emptier; less busy; less crowded; calmer;
        less popular; less traffic; less common; less frequent; less often; rarer""",
    "longer": "longer; shorter",
    "vs": """vs; versus; v; against; compared to; compared with; in comparison to; in comparison
        with; than; than the; as opposed to; relative to; with respect to; over against; than
        at; than in; than on; as compared to; as compared with; rather than; as against;
        comparing to; compared against; (stack|stacked|stacks) up against; (do|did) (stack|stacked)
        up against""",
    "or": "or; /",
    "and": "and; &; +; as well as; along with; plus",
    "share": """share; share of; percentage; percentage of; percent; percent of; % ; % of;
        proportion; proportion of; (how|what) (large|big|high) (is|was) the
        (share|percentage|proportion|fraction) of; how many percent; how many percent of; how
        many % of; what percent; fraction; fraction of; what part of; which part of; portion;
        portion of; how large a share of; how big a share of; rate of; in percent;
        what part; which part""",
    "outof": "among; amongst; out of; out of all; of all",
    # what nothing but a fragment begins with
    "also": """also; what about; how about; and what about; and how about; and for; and at; and
        in the; what of; and on; and of; and what; same for; the same for; same; the same; again
        for; now; now for; but; instead; rather; and what is it for; same but; the same but;
        same thing; same thing for; the same thing for; how does that look for; same question;
        same question for; again; make it; make that; change (it|that) to; switch (it|that|) to;
        and then; only for; only at; only in; only on; limit (it|that|this) to; restrict
        (it|that|this) to; and only; filter (by|on|for|to); narrow (it|that|) (down|) to; do the
        same for; repeat (that|it|this|) for""",
    "ever": "ever",
    "that_time": """(on|in|during|for|within|) (that|said)
        (day|date|week|weekend|month|year|period); (on|in|during|for|within|) that same
        (day|date|week|weekend|month|year|period)""",
    "after_that": """(the|) (day|week|month) (after|later|afterwards); (the|) (day|week|month) after
        that; (a|one) (day|week|month) later""",
    "before_that": "(the|) (day|week|month) before; (the|) (day|week|month) before that",
    "only": "only; just for; just at; just in; just the; merely; solely; exclusively",
    "they": "they; them; those; these; their; of them",
    "except": """except; except for; except at; except in; excluding; other than; apart from;
        aside from; besides; not counting; not including; without counting; all but; everything
        but; ignoring; leaving (out|aside); leave (out|aside); setting aside; minus""",
    "negation": """not; no; never; without; neither; nor; none; non; cannot; hardly; barely;
        nowhere; rarely; seldom; n't""",
}
"What each phrase says; longer phrases are tried first."

ANYONE = "anyone; anybody; someone; somebody; any one; anybody at all; anyone at all; some one"
OF_PEOPLE = """person persons people ppl folks folk human humans individuals pedestrian pedestrians
passersby customer customers visitor visitors guest guests shopper shoppers patron patrons client
clients passenger passengers commuter commuters everyone everybody who whom nobody noone headcount
headcounts passers anyone anybody someone somebody"""
"""Words, also within phrases, that say that people are meant."""

HABITS = "normally usually generally typically general rule typical usual normal"
"""Words that ask how it is at other times, too."""

ANYTHING = """anything; something; objects; object; things; thing; everything; items; item; all
objects; any objects; any object; all things; of anything; objects of any kind; all kinds"""
SOME = "any; some; all; all the; all of the; all our; every single; at least one; a single"
"""Say no more than that all of them are meant."""

PEOPLE = """person; persons; people; peoples; ppl; peeps; folks; folk; human; humans; human
beings; individuals; pedestrian; pedestrians; passer by; passersby; customer; customers; visitor;
visitors; guest; guests; shopper; shoppers; patron; patrons; client; clients; passenger;
passengers; commuter; commuters; everyone; everybody; walkers; walker; of people; all people;
attendees; travellers; travelers"""

LABEL_WORDS = {
    "bicycle": """bicycle; bicycles; bike; bikes; cyclist; cyclists; push bike; push bikes;
        pedal bikes""",
    "car": "car; cars; automobile; automobiles; auto; autos; sedan; sedans",
    "motorcycle": """motorcycle; motorcycles; motorbike; motorbikes; motor bike; motor bikes;
        moped; mopeds""",
    "bus": "bus; buses; busses; coaches",
    "truck": "truck; trucks; lorry; lorries; pickup; pickups; pick up truck; pick up trucks",
    "train": "train; trains; tram; trams",
    "boat": "boat; boats; ship; ships",
    "airplane": "airplane; airplanes; aeroplane; aeroplanes; plane; planes; aircraft",
    "dog": "dog; dogs; puppy; puppies; doggy; hound; hounds",
    "cat": "cat; cats; kitten; kittens",
    "bird": "bird; birds; pigeon; pigeons",
    "horse": "horse; horses; pony; ponies",
    "cow": "cow; cows; cattle",
    "backpack": "backpack; backpacks; rucksack; rucksacks",
    "handbag": "handbag; handbags; purse; purses",
    "suitcase": "suitcase; suitcases; luggage; trolley bag; trolley bags",
    "cell phone": """cell phone; cell phones; mobile phone; mobile phones; phone; phones;
        smartphone; smartphones""",
    "couch": "couch; couches; sofa; sofas",
    "tv": "tv; tvs; television; televisions",
    "donut": "donut; donuts; doughnut; doughnuts",
    "potted plant": "potted plant; potted plants; plant; plants",
    "dining table": "dining table; dining tables",
    "refrigerator": "refrigerator; refrigerators; fridge; fridges",
    "hair drier": "hair drier; hair driers; hair dryer; hair dryers",
}  # fmt: skip
"""Other words for labels of COCO."""

COCO = """airplane; traffic light; fire hydrant; stop sign; parking meter; bench; bird; sheep;
elephant; bear; zebra; giraffe; umbrella; tie; frisbee; skis; snowboard; sports ball; kite;
baseball bat; baseball glove; skateboard; surfboard; tennis racket; bottle; wine glass; cup;
fork; knife; spoon; bowl; banana; apple; sandwich; broccoli; carrot; hot dog; pizza; cake; chair;
bed; toilet; laptop; mouse; keyboard; microwave; oven; toaster; sink; book; clock; vase;
scissors; teddy bear; toothbrush; ball; bag; box truck; van; scooter; wheelchair; stroller; pram;
trolley; pallet; cart; helicopter; drone; animal; deer; fox; rabbit; rat; tractor; taxi;
ambulance; ebike; excavator; crane; robot; forklift; shopping cart; pallet truck"""
"Further things that people ask about; most are labels of COCO."

GROUPS = {
    "vehicle": ("""vehicle;
        vehicles""", ("car", "truck", "bus", "motorcycle", "bicycle", "van", "train", "forklift")),
    "animal": (
        "animal; animals; pet; pets",
        ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
    ),
    "bag": ("bags; luggage items; pieces of luggage", ("backpack", "handbag", "suitcase")),
}  # fmt: skip
"""Words for several labels at once: those of them count that the record knows."""

DIMENSIONS = {
    "source": """camera; cameras; cam; cams; source; sources; feed; feeds; stream; streams;
        video source; video sources; video; videos; cctv; webcam; webcams; video feed; video
        feeds; camera feed; camera feeds; video camera; video cameras; channel; channels;
        sensor; sensors""",
    "zone": """zone; zones; area; areas; region; regions; room; rooms; section; sections; bay;
        sector; sectors; part of the (building|site)""",
    "line": """line; lines; counting line; counting lines; door line; tripwire; tripwires;
        doors; gates""",
    "place": "place; places; location; locations; spots; site; sites",
    "label": """label; labels; class; classes; kind; kinds; type; types; category; categories;
        object class; object classes; object type; object types; kind of object; kinds of
        objects; kinds of object; type of object; types of objects; types of object; kinds of
        things; kind of thing; sort of thing; sorts of things; object category; object
        categories; type of thing; types of things; kind of objects; type of objects; species""",
    "direction": "direction; directions; way of crossing",
    "minute": "minute; minutes; 1 minute; one minute",
    "5 minutes": "5 minutes; five minutes; 5 minute interval; 5 minute intervals; 5 min; 5 minute",
    "quarter hour": """quarter hour; quarter hours; quarter of an hour; 15 minutes; fifteen
        minutes; 15 min; 15 minute; 15 minute interval; 15 minute intervals""",
    "hour": "hour; hours; hr; one hour; full hour; 60 minutes; hourly slot; single hour; hour slot",
    "day": "day; days; date; dates; calendar day; calendar days; single day",
    "week": "week; weeks; calendar week; calendar weeks",
    "month": "month; months; calendar month; calendar months",
    "hour of the day": """(at|around|) (what|which) time of (the|) day;
        hour of the day; hours of the day; hour of day; time of the day; time
        of day; times of day; times of the day; clock hour; hours of day; part of the day; hour
        in the day""",
    "weekday": """weekday; weekdays; day of the week; days of the week; day of week; week day;
        week days; dow; days in the week; day in the week""",
    "metric": "metric; metrics; measure; measures; kpi; kpis",
}  # fmt: skip
"""What numbers can be grouped by, and the words that stand beside names of that kind."""

BY = """(by|per|each|every|for each|for every|in each|in every|at each|at every|on each|on every|of
each|from each|through each|split by|split up by|broken down by|broken down per|break down by|break
it down by|breakdown by|breakdown per|grouped by|group by|group it by|divided by|separated by|split
per|separately for each|individually for each|separately for every|by each|ordered by|sorted
by|ranked by|separately per|separately by|distributed over|distributed by|distribution by|
distributed over the|distributed across|distributed across the|
distribution over|distribution across|distribution per|as per|counts by|counts per|across
each|across the different|for the different|over the different)"""
"""Before a dimension: a number for each."""

ALL_OF = """(all|all the|all of the|all our|any|any of the|the different|our|total over all|total
over the)"""
"""Before a dimension: no matter which."""

MEAN_BY = {
    "day": """(on|in|for|during|) (a|an) (average|typical|normal|usual|ordinary) day; on average
        days""",
    "hour": "(on|in|for|during|) (a|an) (average|typical|normal|usual|ordinary) hour",
    "week": "(on|in|for|during|) (a|an) (average|typical|normal|usual|ordinary) week",
}
"""The mean over such times."""

LIKE_BY = {
    "hour": """hourly; hour by hour; by the hour; over the (day|course of the day); across the
        day; over the course of a day; an hour; on an hourly basis; every single hour""",
    "day": "daily; day by day; by the day; a day; on a daily basis",
    "week": "weekly; week by week; by the week; a week; on a weekly basis",
    "month": "monthly; month by month; by the month; on a monthly basis",
    "minute": "minute by minute; by the minute",
    "source": "camera by camera; source by source",
    "zone": "zone by zone; area by area",
}

CHARTS = {
    "bar": """(as|in|on|with|into|to|) (a|an|the|) (bar|column) (chart|graph|plot); barchart;
        histogram""",
    "line": """(as|in|on|with|into|to|) (a|an|the|) line (chart|graph|plot); linechart; as a
        line; as a curve""",
    "table": """(as|in|into|with|to) (a|an|the|) (table|spreadsheet|tabular form|table form);
        table of; tabulate; (a|) table (please|view); (show|give|make|get) (me|it|) (a|the|)
        table; as rows""",
    "auto": """(as|in|on|with|into|to|) (a|an|the|) (chart|graph|plot|diagram|visualisation|
        visualization); charted; graphed; plotted; visualise; visualize; graphically; draw;
        visually; charts; graphs; chart it; plot it; graph it""",
    "none": "as text; no chart; without (a|) chart; in words",
    "pie": "(as|in|on|with|into|to|) (a|an|the|) (pie|donut) (chart|graph|plot|diagram)",
}
"""How an answer is to be drawn."""

THAT_ONE = "Who or what is meant by one word cannot be told"
"""Of "that person": the table of tracks behind an answer has each by itself."""

REFUSED = {
    "The record holds no gender, age or role of anyone": """woman; women; man; men; male; males;
        female; females; girl; girls; boy; boys; kid; kids; child; children; adult; adults;
        teen; teens; teenager; teenagers; baby; babies; toddler; toddlers; elderly; senior;
        seniors; lady; ladies; gentleman; gentlemen; guy; guys; gender; genders; age; ages;
        aged; sex; old; older; young; younger; family; families; couple; couples; staff;
        employee; employees; worker; workers; colleague; colleagues; manager; managers; guard;
        guards; security; boss; owner; driver; drivers; thief; thieves; burglar; burglars;
        intruder; intruders; shoplifter; shoplifters; student; students; mother; father; parent;
        parents; tourist; tourists; neighbour; neighbor; police; cleaner; cleaners; delivery;
        deliveries; postman; stranger; strangers; suspect; suspects; suspicious; vip; vips;
        member; members; group size; groups of; group of; demographic; demographics;
        nationality; ethnicity; race; her; his; him; she; he""",
    "The record holds no faces and knows nobody by name": """face; faces; facial; identity; name
        of; named person; recognise; recognize; license; licence; plate; plates; number plate;
        number plates; license plate; license plates; mask; masks; identify""",
    "The record holds nothing of how anyone looks": """colour; colours; color; colors; coloured;
        colored; red; blue; green; black; white; yellow; orange; pink; purple; grey; gray;
        brown; wearing; wears; wear; wore; clothes; clothing; dressed; hat; hats; cap; caps;
        shirt; shirts; jacket; jackets; coat; coats; uniform; uniforms; helmet; helmets; vest;
        vests; shoes; tall; taller; tallest; hair; beard; glasses; look like; looked like; looks
        like; carrying; holding; height; fat; thin; heavy""",
    "The record holds no moods": """happy; happier; happiest; sad; angry; mood; moods; emotion;
        emotions; emotional; satisfied; satisfaction; smile; smiles; smiled; smiling; upset;
        bored; stressed; feeling; feelings; sentiment; laughing; crying; friendly""",
    "The record holds no opening hours; say from when to when": """opening hours; opening times;
        business hours; office hours; shop hours; opening time; closing time; opening; closing""",
    "The record holds no weather": """weather; rain; raining; rained; rainy; temperature;
        temperatures; sun; sunny; snow; snowing; snowed; cold; hot; wind; windy; warm; cloudy;
        storm; humid; humidity; degrees; celsius; fahrenheit""",
    "The record holds no money and no sales": """revenue; revenues; sale; sales; sold; sell;
        money; profit; profits; euro; euros; dollar; dollars; $; €; £; price; prices; cost;
        costs; paid; pay; bought; buy; buying; purchase; purchases; purchased; turnover; income;
        earn; earned; conversion; conversions; conversion rate; order value; basket; receipt;
        receipts; budget; expensive; cheap; transactions; transaction; checkout value; spend
        money; discount""",
    "The record holds what was seen, and nothing of the future": """forecast; forecasts;
        predict; predicts; predicted; prediction; predictions; expect; expects; expected;
        expecting; will; will be; tomorrow; next week; next month; next hour; next year; next
        day; next weekend; next few; future; going to be; going to
        (come|visit|enter|happen|arrive|see); upcoming; shall; gonna; estimate; estimated;
        likely; probably; would; should; if we; plan for""",
    "The record holds what was seen, not why": """why; reason; reasons; cause; causes; caused;
        how come; explain; explanation; because; due to; meaning of; what happened; correlation;
        correlate; impact of; effect of; influence""",
    "A question changes nothing": """delete; deleted all; deletes; deleting; drop table; drop;
        erase; remove; reset; restart; reboot; insert; update; add; adding; edit; rename; set;
        start; pause; resume; turn on; turn off; switch on; switch off; clear; wipe; truncate;
        alter; create; disable; enable; install; uninstall; send; email; mail; export; download;
        upload; save; backup; restore; kill; shut down; shutdown; notify; alert; alarm; warn;
        remind; call; write; store this; purge; unlock; lock; zoom; rotate; move the; schedule""",
    "A question is read, not obeyed": """ignore; disregard; forget; pretend; system prompt;
        prompt; instruction; instructions; previous instructions; you are; act as; roleplay;
        role play; jailbreak; sudo; select; select *; sql; execute; run the; override; bypass;
        password; passwords; api key; secret; secrets; token; admin; developer mode; repeat
        after me; translate; poem; joke; sing; story; recipe; capital of; president; python;
        code; hack; script""",
    "The record holds where and when things were, not what they did beyond that": """
        faster; fastest; quick walker; km; kilometers; meters; metres; miles; mph; weight; weights;
        accident; accidents; fight; fighting; fights; fire; smoke; theft; thefts; stole;
        stolen; steal; ran; run; fell down; collision; collisions; talking; talked; phone
        calls; eating; ate; drinking; drank; smoking; smoked; looking at; looked at; queue
        length; length of the queue; (the|a|our|in|any|this|that) queue; queues; size;
        sizes; how big; how large; returning; returned; return; repeat; repeated; regular;
        regulars; loyal; came back; come back; coming back; twice; stole; broke; damage;
        damaged; opened; closed; open; close""",
    "Pictures are on the page Live; a question gives numbers": """picture; pictures; photo;
        photos; image; images; clip; clips; footage; screenshot; screenshots; snapshot;
        snapshots; heatmap; heat map; frame; frames; play; rewind; watch the""",
    "Only one place in an order can be asked for, the first ones": """second; third; fourth;
        fifth; 2nd; 3rd; 4th; 5th; 2 nd; 3 rd; 4 th; 5 th; second most; second busiest; third
        busiest; runner up; second to last; penultimate; next to last""",
}
"""What cannot be answered, with the reason."""

TYPICAL = """people persons person visitor visitors customer customers number average longest
shortest busiest quietest highest lowest compare compared versus between detected detections
detection confidence entered entering crossed crossings crossing arrived arrivals departures
departed exited stayed camera cameras percentage percent proportion zones source sources lines
unique distinct occupancy maximum minimum median coverage watched offline recorded currently
moment spent lingered loitered waited waiting headcount footfall traffic throughput anyone anybody
someone nobody hourly daily weekly chart table graph trend evening afternoon morning yesterday
today tonight minutes minute seconds weekend weekends weekday weekdays monday tuesday wednesday
thursday friday saturday sunday january february april august september october november december
lunch noon midnight during since after before until passed walked visited through first latest
earliest bicycle bicycles vehicle vehicles dwell popular total hour week many when last most show
long zone line seen were past somebody everybody everyone altogether pedestrian pedestrians
forklift forklifts"""
"""Words in which a slip of the finger is seen as one."""

SLIPS = {
    "teh": "the", "hte": "the", "hwo": "how", "hw": "how", "adn": "and", "waht": "what",
    "wat": "what", "wht": "what", "u": "you", "r": "are", "ur": "your", "mny": "many",
    "mnay": "many", "wen": "when", "wehn": "when", "whne": "when", "wich": "which",
    "whcih": "which", "ther": "there", "thier": "their", "tday": "today", "tody": "today",
    "2day": "today", "yday": "yesterday", "yest": "yesterday", "ystrday": "yesterday",
    "yesturday": "yesterday", "ppls": "people", "pple": "people", "peple": "people",
    "poeple": "people", "wk": "week", "hrs": "hours", "befor": "before", "b4": "before",
    "thru": "through", "nite": "night", "tonite": "tonight", "lst": "last", "nr": "number",
    "btw": "between", "btwn": "between", "avrg": "average", "evry": "every",
    "rn": "now", "any1": "anyone", "some1": "someone",
    "whos": "who", "whats": "what", "wheres": "where", "hows": "how", "dont": "not",
    "didnt": "not", "isnt": "not", "wasnt": "not", "doesnt": "not", "arent": "not",
    "cnt": "count", "cust": "customers", "custs": "customers", "frm": "from",
}  # fmt: skip
"""Slips of the finger and abbreviations too short to be told by their letters."""

TIMES = """mornings afternoons evenings nights yesterdays todays
today yesterday tomorrow tonight now morning afternoon evening night noon midnight
lunch lunchtime hour hours day days week weeks month months year years minute minutes second
seconds weekend weekends weekday weekdays monday tuesday wednesday thursday friday saturday sunday
mondays tuesdays wednesdays thursdays fridays saturdays sundays january february march april may
june july august september october november december mon tue wed thu fri sat sun jan feb mar apr
jun jul aug sep sept oct nov dec am pm last past this previous since until till before after
between during ago current currently recent recently ever always far time times total overall"""
"""Words of times, which a name must not take away from a question."""

KIND_WORDS = {"cam": "camera", "cams": "camera", "cctv": "camera", "nr": "number"}
"""Other words for a word of a name."""

BEFORE_NAMES = """at in on of for from to into onto inside within through via near by over across
past around toward towards entering leaving enter entered crossing crossed called named vs versus
and or than only"""
"""Words after which an everyday word is a name, if there is one of that name."""

INWARDS = frozenset(
    [
        "in",
        "inside",
        "into",
        "inward",
        "inwards",
        "inbound",
        "enter",
        "entering",
        "entered",
        "entry",
        "entries",
        "entrance",
    ]
)
OUTWARDS = frozenset(
    [
        "out",
        "outside",
        "outward",
        "outwards",
        "outbound",
        "exit",
        "exiting",
        "exited",
        "exits",
        "leave",
        "leaving",
        "left",
    ]
)
"""What lines call the direction in which one comes, or goes."""

GREETINGS = """for (the|my|our|a|an|this|that|their|)
(annual|yearly|quarterly|monthly|weekly|daily|final|internal|)
(report|reports|meeting|presentation|statistics|newsletter|review|spreadsheet|files|board|log|
logbook|handover|briefing|summary|rota|paper|thesis|study|books);
good (morning|afternoon|evening|day) (there|team|everyone|all|); night
(watch|shift|guard|porter) (here|speaking); good night; (the|my|our|a|an|this)
(annual|yearly|quarterly|monthly|weekly|daily|internal) (report|meeting|presentation|newsletter|
review|spreadsheet|handover|briefing|summary|rota|paper); for (the|our|my|)
(staffing|rostering|planning|scheduling|accounting|staff planning|shift planning)"""
"""Say nothing of a time, though they have words of one."""

NO_SLIPS = """apartment batter better betting bitten bones bunch cable camels cameo cameos carmen
centered chant char charm chars chase chat cheat choosing coincidence compiled complied composed
computed conference converge correctly courted crashing crisp cropping crowed currency customary
dally daring deduction deflection deflections deletion deletions department detached directed
distinctly earnest edited ensuring existed flours friend grape grossed hunch hurly invented
invited lanes latent later latter launch launched letter lies likes linen linens links listed
lives lunches lunge media medial medical mints minuet minuets moments moon mounted mouth mouths
munch nested noun parked parsed passive passwd pasted paused pencils personal personnel poised
populate populated posed possessed posted prison prisons promotion proportional proposition
quieted recorder recorders regarded reloaded rented reported rested rival rivals seasons seed seem
seems sent shortcut shortcuts sinc sine singe soon sped spell stable stables staged stated stored
stores tablet taste tend tends tested thorough though thought tones topless tough tours town
trendy trent uncle uniquely unit units util vented vested visions visitation wailing waiter
waiters wanted wanting wasted watcher watchers watches weaken weakly wrestled writing zoned"""
"""Words of English near to those, which are never taken for a slip."""
