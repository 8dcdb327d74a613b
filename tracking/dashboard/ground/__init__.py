"""The page Floor: where points of a picture lie on the floor, and who stood and walked there."""
