// SPDX-License-Identifier: Apache-2.0
// A pool that forgets to close what its server has closed. usage: java LeakingPool.java PORT PER_SECOND
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

public class LeakingPool {
  public static void main(String[] arguments) throws Exception {
    final int port = Integer.parseInt(arguments[0]);
    final int rate = Integer.parseInt(arguments[1]);
    final List<Socket> pool = new ArrayList<>();
    while (true) {
      final Socket made = new Socket("127.0.0.1", port);
      while (made.getInputStream().read() >= 0) {
        // to the end of the answer
      }
      pool.add(made);
      Thread.sleep(1000 / rate);
    }
  }
}
