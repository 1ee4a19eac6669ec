// Whoever works on packs for a study: a worker process of Gaplab's, or a command of the user's.
namespace Gaplab.Studies.Running;

/// <summary>Takes one pack after another. One thread at a time gives it work; any may stop it.</summary>
internal interface IPackTrainer : IDisposable
{
    /// <summary>Whether it can take another pack.</summary>
    bool IsAlive { get; }

    /// <summary>Works on a pack; returns when that ended, one way or another.</summary>
    /// <param name="order">The pack.</param>
    /// <param name="timeout">After this it is ended; zero is never.</param>
    /// <param name="progress">Told (step, steps).</param>
    /// <param name="notice">Told what was found that the user should know.</param>
    PackEnd Train(WorkerOrder order, TimeSpan timeout, Action<long, long> progress, Action<string>? notice = null);

    /// <summary>Asks for the end. The pack at hand ends as stopped.</summary>
    void Stop();
}
