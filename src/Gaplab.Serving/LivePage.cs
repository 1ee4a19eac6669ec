// The one page that is served: the style of reports and of the live views, an empty body that the script fills.
using System.Globalization;
using System.Net;
using Gaplab.Results.Report;

namespace Gaplab.Serving;

internal static class LivePage
{
    public static string Html(string version)
    {
        using Stream stream = typeof(LivePage).Assembly.GetManifestResourceStream("live.css")!;
        using var reader = new StreamReader(stream);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="Gaplab {WebUtility.HtmlEncode(version)}">
            <title>Gaplab</title>
            <style>
            {ReportWriter.Style()}
            {reader.ReadToEnd()}
            </style>
            </head>
            <body class="live">
            <noscript><p class="finding error">This page follows a study as it runs and needs JavaScript.
            report.html in the store shows the tables without it.</p></noscript>
            <script src="live.js"></script>
            </body>
            </html>

            """
        );
    }
}
