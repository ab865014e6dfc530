/**
 * Scenarios: folders that say what to run in a guest and what must come of it.
 *
 * <pre>
 *   scenario.yaml --ScenarioParser--> Scenario --ScenarioFiles--> bytes to place in the guest
 *                                        |                            ^
 *                                        |                      DebianPackages (cache, fetched by name)
 *                                     Step[] --(a run of each)--> Outcome --Expectations--> failures, as sentences
 *                                                                              ^
 *                                                                         HostCommands (what the host's tool prints)
 * </pre>
 *
 * Everything in a scenario may be hostile: its size is bounded, its paths stay below the folder that holds the scenario's
 * own folder, package names cannot be options, and commands of the host run only where the caller allows them. Every
 * complaint is a {@link chronovisor.app.scenario.ScenarioException} that names file, line and column where there are any.
 * Nothing here touches a virtual machine; all of it runs on the caller's thread.
 */
@NullMarked
package chronovisor.app.scenario;

import org.jspecify.annotations.NullMarked;
