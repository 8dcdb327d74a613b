"""What asking answers rightly, what it refuses, and what it gets wrong without a word.

python -m benchmarks.questions [--half dev|test|fresh|unseen] [--database FILE] [--failures]
                               [--json FILE]

Questions are lines of JSON. Whoever writes the reading of questions looks at dev.jsonl, but opens
neither test.jsonl, which is older than that code, nor fresh.jsonl, which is younger: their figures
say how questions fare that nobody prepared for. unseen.jsonl, in the voices of five people, was
written after most of that code by someone who had not read it, and run once before anything was
changed because of it; two of its right answers were added to after that run (j16, m19). Fields:

question, follows     what is asked, and the `id` of the question before it, if it follows one
kind                  a row of the table
compare               how the answer is compared: scalar, ratio, time, bool, bool_not, top1, values,
                      rows, list, zero, no_data, refuse (see comparing.py)
gold, gold_on         statements, each of which is a right answer, and the database of seeded.py
                      that they are asked of: "ours" or "reference"
tolerance, words      how far a number may be off; words of which a refusal names at least one
"""
