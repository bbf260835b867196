"""What every tier answers over REST, under ``/api/v1``.

``schemas``    the shapes, also those of problems
``app``        the application a program serves
``requests``   who is asking, in which language, for which page
``problems``   errors as problem+json
``edge``       headers, ETags and the log line of a request
``present``    from what views return to the shapes
``examples``   what the documentation shows
``assemble``   what the routes stand on, the same at every tier
``server``     the HTTP server as a task of a service

One module for each group of routes: ``session``, ``reading``, ``links``, ``probes``.
"""
