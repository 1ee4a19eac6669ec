// Every command of gaplab, and four kinds more: dotnet run -- study run own.yaml
using Gaplab.Cli;
using Gaplab.Studies;

Catalogues own = Catalogues.BuiltIn.With(MinGru.Kind).With(SortedLists.Kind).With(QuasiHyperbolic.Kind).With(UpdateRatio.Kind);
return GaplabProgram.Run(args, own);
