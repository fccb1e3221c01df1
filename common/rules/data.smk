# Data: DVC makes it, one stage at a time, since two DVC processes would wait on each other's locks.
# A data set is pinned by the content hash in its committed manifest; its files' dates mean nothing.

for dataset, command in flow.datasets().items():

    rule:
        name:
            f"prepare_{dataset}"
        output:
            flow.arrays(dataset),
        localrule: True
        resources:
            dvc=1,
        params:
            content=flow.data_hash(dataset),
            command=command,
        message:
            f"Data set {dataset}: {command}"
        shell:
            "{params.command}"
