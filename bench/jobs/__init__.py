"""One module a job: `run` measures it in the bench's process, `work` is the hub's part of it."""
