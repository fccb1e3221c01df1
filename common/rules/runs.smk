# Runs: one rule per paper, step and method; one job per seed, or per few seeds where runs are short. A job hangs
# on the code that it can reach, on its slice of the configuration, and on the hashes of its data: all three are
# parameters, so editing anything else reruns nothing.


wildcard_constraints:
    seed=r"\d+",
    paper=r"[a-z][a-z0-9_]*",
    step=r"[a-z][a-z0-9_]*",
    table=r"[a-z][a-z0-9_]*",
    figure=r"[a-z][a-z0-9_]*",


for run in flow.run_rules():

    rule:
        name:
            run.name
        input:
            run.inputs,
            data=ancient(run.data),
        output:
            run.outputs,
        priority: run.priority
        threads: run.threads
        resources:
            mem_mb=run.resources.mem_mb,
            runtime=run.resources.runtime,
            gpu=run.resources.gpu_on(workflow),
        params:
            **run.params,
            seeds=run.seeds,
        message:
            run.message
        # Only strings of the rule's own reach the shell: a loop variable would hold its last value there.
        shell:
            f"{flow.python} common.runs {{params.job}} {{params.seeds}}"
