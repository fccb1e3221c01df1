# Data: DVC makes it, one stage at a time, since two DVC processes would wait on each other's locks.
# A data set is pinned by the content hash in its committed manifest; its files' dates mean nothing. The hash is
# part of the pin's name: other content is another file, which is missing until the data have been prepared anew.
# The rule itself must never look changed: what a job that reruns hands on as `ancient` hides from Snakemake,
# for that invocation, whatever else has changed in the jobs behind it.

for dataset, command in flow.datasets().items():

    rule:
        name:
            f"prepare_{dataset}"
        output:
            flow.arrays(dataset),
            flow.pin(dataset),
        localrule: True
        resources:
            dvc=1,
        params:
            dataset=dataset,
        message:
            f"Data set {dataset}: {command}"
        shell:
            "python -m common.rules.prepare {params.dataset}"
