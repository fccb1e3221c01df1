# Named targets besides `all`: each track, each paper, the site, the records.


for track, papers in flow.tracks.items():

    rule:
        name:
            track
        input:
            [f"{flow.site}/{paper}/index.html" for paper in papers],
            [flow.paper_files(paper) for paper in papers],


for paper in flow.papers:

    rule:
        name:
            paper
        input:
            f"{flow.site}/{paper}/index.html",
            flow.paper_files(paper),


rule site:
    input:
        f"{flow.site}/index.html",


rule records:
    input:
        [flow.records(paper) for paper in flow.papers],
