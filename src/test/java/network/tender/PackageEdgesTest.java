package network.tender;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;

/** The arrows between packages all point one way: cli → node → web → … → chain. */
@AnalyzeClasses(packages = "network.tender", importOptions = ImportOption.DoNotIncludeTests.class)
class PackageEdgesTest {
  /** Left may import everything further right. */
  private static final String[] LEFT_TO_RIGHT = {
    "cli",
    "bench",
    "node",
    "web",
    "webhook",
    "merchant",
    "follower",
    "settlement",
    "journal",
    "ledger",
    "script",
    "chain"
  };

  @ArchTest static final ArchRule ARROWS_POINT_RIGHT = arrowsPointRight();

  @ArchTest
  static final ArchRule CORE_IS_PURE =
      noClasses()
          .that()
          .resideInAnyPackage(
              "network.tender.chain..", "network.tender.script..", "network.tender.ledger..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.vertx..",
              "io.netty..",
              "java.sql..",
              "java.net..",
              "java.nio.file..",
              "java.time..");

  @ArchTest
  static final ArchRule CORE_READS_NO_CLOCK_AND_NO_CHANCE =
      noClasses()
          .that()
          .resideInAnyPackage(
              "network.tender.chain..", "network.tender.script..", "network.tender.ledger..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(java.util.Random.class, java.security.SecureRandom.class);

  private static ArchRule arrowsPointRight() {
    LayeredArchitecture rule =
        layeredArchitecture().consideringOnlyDependenciesInAnyPackage("network.tender..");
    for (String name : LEFT_TO_RIGHT) {
      rule = rule.optionalLayer(name).definedBy("network.tender." + name + "..");
    }
    rule = rule.optionalLayer("telemetry").definedBy("network.tender.telemetry..");
    for (int i = 0; i < LEFT_TO_RIGHT.length; i++) {
      rule =
          i == 0
              ? rule.whereLayer(LEFT_TO_RIGHT[i]).mayNotBeAccessedByAnyLayer()
              : rule.whereLayer(LEFT_TO_RIGHT[i])
                  .mayOnlyBeAccessedByLayers(java.util.Arrays.copyOf(LEFT_TO_RIGHT, i));
    }
    return rule.whereLayer("telemetry")
        .mayOnlyBeAccessedByLayers(java.util.Arrays.copyOf(LEFT_TO_RIGHT, 9));
  }
}
