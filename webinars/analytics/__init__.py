"""The figures and charts of webinars, each chart with its data table.

Only `webinars.audiences` decides who counts as what.
"""
