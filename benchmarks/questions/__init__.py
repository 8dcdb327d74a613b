"""What asking answers rightly, what it refuses, and what it gets wrong without a word.

python -m benchmarks.questions [--half dev|test|fresh|unseen|fourth|fifth]
                               [--database FILE] [--failures] [--json FILE]

Questions are lines of JSON. dev.jsonl was looked at while the reading of questions was built;
test.jsonl is older than that code, fresh.jsonl younger, and unseen.jsonl was written after most of
it by someone who had not read it. These three were kept aside until they had been asked once: then
177 of 208, 68 of 79 and 101 of 130 were right, and 8, 2 and 5 silently wrong. fourth.jsonl is by
someone who had seen neither code nor questions, in the free wording of people who talk; asked once,
and judged by eye, 48 of its 82 that can be answered were right and 4 silently wrong, and all 18
others were refused or said to be of no recorded time. fifth.jsonl is by another one who had seen
neither, from the point of view of shopkeepers, station managers, researchers and guards, each with
what a right answer has to hold; the statements were made from that, not from what was answered.
What all of these taught went into the code, so a new part is needed to say how questions fare that
nobody prepared for. Fields:

question, follows     what is asked, and the `id` of the question before it, if it follows one
kind                  a row of the table
compare               how the answer is compared: scalar, ratio, time, bool, bool_not, top1, values,
                      rows, list, zero, no_data, refuse (see comparing.py)
gold, gold_on         statements, each of which is a right answer, and the database of seeded.py
                      that they are asked of: "ours" or "reference"
tolerance, words      how far a number may be off; words of which a refusal names at least one
"""
