"""Mutants in the real backend: small defects put into a copy of it, to see which are noticed.

The copy is built once with all mutants in it. At run time one of them is active, or none::

    copy = MutatedCopy.make(backend_dir, folder, parts)
    control = Control(copy.control_folder)
    control.activate("0")

Terms are those of Stryker, whose instrumenter makes the mutants: killed, survived, no coverage. Its
Timeout is called stopped here, its Ignored equivalent.
"""
