# Named targets besides `all`: each track, each paper, the site, the records.


for track, papers in flow.tracks.items():

    rule:
        name:
            track
        input:
            [flow.everything(paper) for paper in papers],


for paper in flow.targets:

    rule:
        name:
            paper
        input:
            flow.everything(paper),


rule site:
    input:
        f"{flow.site}/index.html",


rule records:
    input:
        [flow.records(paper) for paper in flow.papers],
