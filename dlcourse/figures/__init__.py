"""Figures that are not the lesson: diagrams in one grammar, and plots of what a chapter measured.

`diagrams` has the grammar, boxes and arrows, and `cell_diagrams` recurrent cells drawn in it;
`sequence_plots`, `series_plots`, `speech_figures` and `token_figures` are of one chapter each;
`sound` makes players for sounds. Nothing here computes what a chapter teaches, and no deep-learning
library is imported.
"""
