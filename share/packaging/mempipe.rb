# SPDX-License-Identifier: MIT
# Homebrew on Linux. make dist puts the checksum in; brew installs it beside the tarball.
class Mempipe < Formula
  desc "Measure the memory of a process tree, and when it is needed"
  homepage "https://mempipe.example" # a placeholder: the project has no page
  url "file://#{__dir__}/mempipe-0.1.0.tar.gz"
  sha256 "@SHA256@"
  license "MIT"

  depends_on :linux

  def install
    system "make", "install", "PREFIX=#{prefix}", "BASH_COMPLETIONS=#{bash_completion}",
           "ZSH_COMPLETIONS=#{zsh_completion}", "FISH_COMPLETIONS=#{fish_completion}"
  end

  test do
    assert_equal "memrun (mempipe) #{version}", shell_output("#{bin}/memrun --version").strip
    assert_operator shell_output("#{bin}/memrun -qo - true").to_i, :>, 100_000
  end
end
