# Runs: one rule per paper, step and method; one job per seed. A job hangs on the code that it can
# reach, on its slice of the configuration, and on the hashes of its data: all three are parameters,
# so editing anything else reruns nothing.


wildcard_constraints:
    seed=r"\d+",
    paper=r"[a-z][a-z0-9_]*",
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
        params:
            **run.params,
        threads: run.threads
        resources:
            gpu=flow.gpus(),
        message:
            run.name + ", seed {wildcards.seed}"
        # Only strings of the rule's own reach the shell: a loop variable would hold its last value there.
        shell:
            "python -m common.runs {params.job} --seed {wildcards.seed}"
