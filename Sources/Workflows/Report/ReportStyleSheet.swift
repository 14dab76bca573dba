/// The style of the page: readable at any width, in light and dark, on screen and on paper.
enum ReportStyleSheet {
    static let css = """
        :root { color-scheme: light dark; --ink: #1d1d1f; --muted: #5f6368; --paper: #ffffff; --line: #dcdfe3;
          --accent: #0072b2; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8e8ea; --muted: #a5a9af; --paper: #17181a; --line: #3a3d42; --accent: #6cb9e6; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 780px; background: var(--paper); color: var(--ink);
          font: 16px/1.55 system-ui, "Liberation Sans", Arial, Helvetica, sans-serif; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
        h2 { font-size: 1.3rem; margin: 3rem 0 .8rem; padding-top: .8rem; border-top: 1px solid var(--line); }
        h3 { font-size: 1.02rem; margin: 2rem 0 .5rem; }
        .lead { font-size: 1.08rem; }
        .muted, figcaption, .caption { color: var(--muted); }
        .missing { color: var(--muted); border-left: 3px solid var(--line); padding-left: .8rem; }
        figure { margin: 0 0 1.5rem; }
        figure img { display: block; width: 100%; height: auto; margin: 0 auto; background: #ffffff; border-radius: 4px; }
        figcaption { font-size: .92rem; margin-top: .5rem; }
        figcaption code { font: .82rem ui-monospace, "Liberation Mono", monospace; white-space: nowrap; }
        .caption { font-size: .92rem; margin: 1.5rem 0 .4rem; }
        .scroll { overflow-x: auto; margin: 0 0 1.5rem; }
        table { border-collapse: collapse; width: 100%; font-size: .93rem; font-variant-numeric: tabular-nums; }
        table.wide { font-size: .82rem; }
        th, td { text-align: right; padding: .32rem .5rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; min-width: 6rem; }
        .wide th, .wide td { padding: .32rem .3rem; }
        .wide td:first-child { white-space: nowrap; padding-left: 0; }
        .wide th:first-child { padding-left: 0; }
        th:last-child, td:last-child { padding-right: 0; }
        thead th { font-weight: 600; border-bottom: 2px solid var(--line); white-space: normal; vertical-align: bottom; }
        .facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
        pre { overflow-x: auto; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: 4px;
          font: .85rem/1.45 ui-monospace, "Liberation Mono", monospace; }
        summary { cursor: pointer; color: var(--accent); }
        @media (max-width: 640px) {
          table { font-size: .78rem; }
          table.wide { font-size: .62rem; }
          th, td, .wide th, .wide td { padding: .3rem .18rem; }
        }
        @media print {
          :root { color-scheme: light; --ink: #000000; --muted: #444444; --paper: #ffffff; --line: #cccccc; }
          body { max-width: none; padding: 0; font-size: 11pt; }
          h2, h3, .caption { break-after: avoid; break-inside: avoid; }
          h2 { margin-top: 1.5rem; }
          figure, tr, .scroll { break-inside: avoid; }
          figure img { width: auto; max-height: 8.4cm; margin: 0; }
          figure.tall img { max-height: 15cm; }
          .scroll { overflow: visible; }
          table { font-size: 8.5pt; }
          th, td { padding: .2rem .3rem; white-space: normal; }
          pre { white-space: pre-wrap; overflow-wrap: anywhere; }
        }
        """
}
