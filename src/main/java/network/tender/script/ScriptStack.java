package network.tender.script;

import static network.tender.script.ScriptFailedException.require;

import java.util.ArrayList;
import java.util.List;

/** A script's stack. Items are never changed, so they may stand in it more than once. */
final class ScriptStack {
  private final ArrayList<byte[]> items;

  ScriptStack() {
    items = new ArrayList<>();
  }

  ScriptStack(List<byte[]> items) {
    this.items = new ArrayList<>(items);
  }

  int size() {
    return items.size();
  }

  List<byte[]> items() {
    return items;
  }

  /** Fails if there are fewer items. */
  void demand(int count) {
    require(items.size() >= count, ScriptError.INVALID_STACK_OPERATION);
  }

  /** The item {@code depth} from the top; 1 is the top itself. */
  byte[] top(int depth) {
    return items.get(items.size() - depth);
  }

  void push(byte[] item) {
    items.add(item);
  }

  byte[] pop() {
    return items.remove(items.size() - 1);
  }

  void drop(int count) {
    for (int i = 0; i < count; i++) {
      pop();
    }
  }

  /** Takes out the item {@code depth} from the top. */
  byte[] remove(int depth) {
    return items.remove(items.size() - depth);
  }

  /** Puts an item below {@code depth} others. */
  void insertBelow(int depth, byte[] item) {
    items.add(items.size() - depth, item);
  }

  /** Pushes {@code count} items again, from the one {@code depth} from the top on. */
  void copyUp(int depth, int count) {
    demand(depth);
    for (int i = 0; i < count; i++) {
      push(top(depth));
    }
  }

  /** Moves {@code count} items to the top, from the one {@code depth} from the top on. */
  void moveUp(int depth, int count) {
    demand(depth);
    for (int i = 0; i < count; i++) {
      push(remove(depth));
    }
  }
}
