# For any JupyterHub; with The Littlest JupyterHub: /opt/tljh/config/jupyterhub_config.d/nnlib.py
c = get_config()  # noqa: F821 (JupyterHub hands it in)

# Each learner's kernels compute on one thread: many learners share the cores better than many threads do.
c.Spawner.environment = {"OPENBLAS_NUM_THREADS": "1", "NBGITPULLER_APP": "lab"}

# JupyterLab, which leaves a chapter as it is that was only looked at.
c.Spawner.default_url = "/lab"
c.Spawner.args = ["--ServerApp.contents_manager_class=nnlib.command.serving.Chapters"]

# What one learner may have, where the spawner can bound it, and what is kept for him.
c.Spawner.mem_limit = "2G"
c.Spawner.mem_guarantee = "1G"
c.Spawner.cpu_limit = 2.0
c.Spawner.cpu_guarantee = 0.1

# A class comes all at once: so many servers start at a time, the others wait for some seconds.
c.JupyterHub.concurrent_spawn_limit = 20
c.Spawner.start_timeout = 180
