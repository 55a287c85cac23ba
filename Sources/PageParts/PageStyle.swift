/// Style that pages have in common.
package enum PageStyle {
    /// Colors in light and in dark. Those of curves, `--c0` to `--c3`, are apart in both.
    package static let palette = """
        :root{color-scheme:light dark;--ground:#fff;--ink:#1f2328;--soft:#59636e;--line:#d8dee4;--panel:#f6f8fa;
        --c0:#1f6fb4;--c1:#c2570c;--c2:#2f8a3d;--c3:#c0392b}
        @media (prefers-color-scheme:dark){:root{--ground:#0f1419;--ink:#e6e8eb;--soft:#9aa4af;--line:#2f363d;
        --panel:#171d24;--c0:#5aa9e6;--c1:#f0924c;--c2:#6cc47a;--c3:#f07b6e}}
        """

    /// Ground, headings, paragraphs.
    package static let text = """
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}
        h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
        h2{font-size:1.15rem;margin:2rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
        p{margin:.4rem 0}.soft,figcaption{color:var(--soft);font-size:.9rem}.lead{font-size:1.1rem}
        """

    /// Drawings and pictures, and the classes that curves of `LinePlot` have.
    package static let figures = """
        figure{margin:.6rem 0 1.2rem}figure svg{display:block;width:100%;max-width:48rem;height:auto}
        figure img{display:block;max-width:100%;height:auto;border:1px solid var(--line)}
        .ground{fill:none}.ink{fill:var(--ink)}.grid{stroke:var(--line)}.mark{stroke:var(--ink)}
        .curve-0{stroke:var(--c0)}.curve-1{stroke:var(--c1)}.curve-2{stroke:var(--c2)}.curve-3{stroke:var(--c3)}
        .key-0{fill:var(--c0)}.key-1{fill:var(--c1)}.key-2{fill:var(--c2)}.key-3{fill:var(--c3)}
        .pair .curve-2{stroke:var(--c0)}.pair .curve-3{stroke:var(--c1)}.pair .key-2{fill:var(--c0)}.pair .key-3{fill:var(--c1)}
        .pair .curve-2,.pair .curve-3{stroke-width:1.2;stroke-dasharray:2 3}.pair .key-2,.pair .key-3{opacity:.5}
        """

    /// Tables, code, what is folded away. What is in a script that runs to the left begins at the right.
    package static let tables = """
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
        th,td{padding:.25rem .7rem .25rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
        th{color:var(--soft);font-weight:600}td{overflow-wrap:break-word}
        .facts td{overflow-wrap:anywhere}
        .facts th{white-space:nowrap}.number{text-align:right}
        pre,code{font:.85rem/1.45 ui-monospace,monospace}
        pre{margin:.4rem 0;padding:.7rem;background:var(--panel);border:1px solid var(--line);border-radius:6px;
        white-space:pre-wrap;overflow-wrap:anywhere}
        h1,th,td,pre{unicode-bidi:plaintext}
        summary{cursor:pointer;padding:.2rem 0}summary:focus-visible{outline:2px solid var(--c0)}
        """

    /// On a narrow screen the text of curves is larger; what is printed is light. It comes after the others.
    package static let narrowAndPrinted = """
        @media (max-width:40rem){.plot .ink{font-size:16px}body{font-size:15px}}
        @media print{:root{--ground:#fff;--ink:#000;--soft:#444;--line:#bbb;--panel:#fff;--c0:#1f6fb4;--c1:#c2570c;
        --c2:#2f8a3d;--c3:#c0392b}main{max-width:none;padding:0}figure,pre,tr{break-inside:avoid}h2{break-after:avoid}}
        """

    /// All of it.
    package static let report = [palette, text, figures, tables, narrowAndPrinted]
}
