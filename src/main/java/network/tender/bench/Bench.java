package network.tender.bench;

/** Runs a measurement. */
public final class Bench {
  private Bench() {}

  /**
   * Measures.
   *
   * @throws BenchException if that can't be done
   */
  public static Report run(Scenario scenario, BenchOptions options, Progress progress) {
    Progress.Phase phase = progress.begin("start a node", 0);
    try (NodeUnderTest node = NodeUnderTest.open(options)) {
      phase.end(node.api().url());
      Rig rig = new Rig(options, progress, node);
      return switch (scenario) {
        case TRANSFERS -> new TransfersRun(rig).run();
        case INVOICES -> new InvoicesRun(rig).run();
        case READS -> new ReadsRun(rig).run();
        case MIXED -> new MixedRun(rig).run();
        case GROW -> new GrowRun(rig).run();
        case OVERLOAD -> new OverloadRun(rig).run();
        case RESTART -> new RestartRun(rig).run();
        case REPLAY -> new ReplayRun(rig).run();
      };
    }
  }
}
