"""What a webinar's numbers say: the pictures of the pages, each with the table behind it.

Who counts as what is asked of `webinars.audiences`; nothing is counted another way here.
"""
