"""Writes every fixture again: `python3 Tests/Fixtures/generate/all.py` (needs `pip install torch numpy`)."""

import functions
import images
import language_model
import optimizers
import recurrent
import trajectories

for module in (functions, images, recurrent, optimizers, language_model, trajectories):
    module.main()
