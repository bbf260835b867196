"""What a running program says about itself.

``logging``  structured lines, secrets masked
``metrics``  every metric's name, kind and meaning, in one file
``probes``   is it alive, is it ready, and if not, why
"""
